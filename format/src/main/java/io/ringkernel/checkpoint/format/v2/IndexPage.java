package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of up to 4,096 consecutive blocks of one chunk; {@link IndexPageDecoder} reads it
 * back.
 *
 * <pre>
 * page   = varint chunk, varint first_block, varint block_count, varint run_count, run*, fingerprint*
 * run    = u8 kind, varint count, source, entry*
 * source = nothing | zigzag distance | varint ancestor, zigzag distance
 * entry  = u8 codec, varint stored_length, u32 crc32
 * </pre>
 *
 * @param chunk index in the directory
 * @param firstBlock number of the first
 * @param locations where each is
 * @param fingerprints of every block, also the zero ones
 */
record IndexPage(
    int chunk, long firstBlock, List<BlockLocation> locations, BlockFingerprints fingerprints) {
  static final int ZERO = 0;
  static final int RAW_HERE = 1;
  static final int COMPRESSED_HERE = 2;
  static final int RAW_FOREIGN = 3;
  static final int COMPRESSED_FOREIGN = 4;

  /**
   * Copies its fingerprints to where they belong among all of the chunk's.
   *
   * @param values takes {@code algorithm().length()} bytes for each of the chunk's blocks
   */
  void copyFingerprints(byte[] values) {
    int length = fingerprints.algorithm().length();
    for (int i = 0; i < fingerprints.count(); i++) {
      fingerprints.copyTo(i, values, (int) ((firstBlock + i) * length));
    }
  }

  /** The payload. */
  ByteBuffer encode() {
    ByteWriter runs = new ByteWriter(256);
    int runCount = putRuns(runs);
    FingerprintAlgorithm algorithm = fingerprints.algorithm();
    ByteWriter out = new ByteWriter(32 + runs.size() + fingerprints.count() * algorithm.length());
    out.varint(chunk).varint(firstBlock).varint(locations.size()).varint(runCount);
    out.bytes(runs.view());
    for (int i = 0; i < locations.size(); i++) {
      if (locations.get(i).kind() != BlockLocation.Kind.ZERO) {
        out.bytes(fingerprints.get(i));
      }
    }
    return out.view();
  }

  private int putRuns(ByteWriter out) {
    Map<Integer, Long> ends = new HashMap<>();
    int runCount = 0;
    int start = 0;
    while (start < locations.size()) {
      int end = runEnd(start);
      putRun(out, locations.subList(start, end), ends);
      runCount++;
      start = end;
    }
    return runCount;
  }

  private static void putRun(ByteWriter out, List<BlockLocation> run, Map<Integer, Long> ends) {
    BlockLocation first = run.get(0);
    out.u8(kind(first)).varint(run.size());
    if (first.kind() == BlockLocation.Kind.ZERO) {
      return;
    }
    if (first.isForeign()) {
      out.varint(first.ancestor());
    }
    out.zigzag(first.position() - ends.getOrDefault(first.ancestor(), 0L));
    ends.put(first.ancestor(), end(run.get(run.size() - 1)));
    if (first.kind() == BlockLocation.Kind.COMPRESSED) {
      run.forEach(b -> out.u8(b.codec()).varint(b.storedLength()).u32(b.crc32()));
    }
  }

  /** The first block after {@code start} that does not go on where the one before it ends. */
  private int runEnd(int start) {
    int kind = kind(locations.get(start));
    int end = start + 1;
    while (end < locations.size()) {
      BlockLocation before = locations.get(end - 1);
      BlockLocation next = locations.get(end);
      boolean goesOn =
          kind(next) == kind
              && next.ancestor() == before.ancestor()
              && (kind == ZERO || next.position() == end(before));
      if (!goesOn) {
        break;
      }
      end++;
    }
    return end;
  }

  static int kind(BlockLocation location) {
    return switch (location.kind()) {
      case ZERO -> ZERO;
      case RAW -> location.isForeign() ? RAW_FOREIGN : RAW_HERE;
      case COMPRESSED -> location.isForeign() ? COMPRESSED_FOREIGN : COMPRESSED_HERE;
    };
  }

  /** Position behind a block's payload in its file. */
  static long end(BlockLocation location) {
    return location.position() + Layout.LOCAL_HEADER_SIZE + location.storedLength();
  }
}
