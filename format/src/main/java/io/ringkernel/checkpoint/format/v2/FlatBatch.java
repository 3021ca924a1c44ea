package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.format.wire.FirstFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Consecutive blocks on their way into a new file. What is stored of a block, local header and
 * payload, has the same length in every file, so it is read to where it will stand; then it is
 * verified there, and its header written anew.
 */
final class FlatBatch {
  /** How many stretches of one batch are read at the same time. */
  private static final int READS_IN_FLIGHT = 4;

  /**
   * A block.
   *
   * @param index in the page
   * @param at where in the batch its local header begins
   * @param location where it is read from
   */
  private record Block(int index, int at, BlockLocation location) {
    int length() {
      return Layout.LOCAL_HEADER_SIZE + location.storedLength();
    }
  }

  private final IndexPage page;
  private final List<Block> blocks = new ArrayList<>();
  private int length;

  FlatBatch(IndexPage page) {
    this.page = page;
  }

  /** Adds the next block, which is not all zero. */
  void add(int index) {
    Block block = new Block(index, length, page.locations().get(index));
    blocks.add(block);
    length += block.length();
  }

  /** Bytes in the new file. */
  int length() {
    return length;
  }

  /** The bytes as they will stand in the new file. */
  Mono<ByteBuffer> read(BlockSources sources, Scheduler workers) {
    return Mono.defer(
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(length);
          return FirstFailure.of(
                  Flux.fromIterable(stretches()),
                  stretch -> read(stretch, bytes, sources, workers),
                  READS_IN_FLIGHT)
              .thenReturn(bytes);
        });
  }

  /** Blocks that stand one behind the other in one file, in their order there. */
  private List<List<Block>> stretches() {
    List<Block> sorted = new ArrayList<>(blocks);
    sorted.sort(
        Comparator.comparingInt((Block block) -> block.location.ancestor())
            .thenComparingLong(block -> block.location.position()));
    List<List<Block>> stretches = new ArrayList<>();
    Block before = null;
    for (Block block : sorted) {
      boolean goesOn =
          before != null
              && before.location.ancestor() == block.location.ancestor()
              && IndexPage.end(before.location) == block.location.position();
      if (!goesOn) {
        stretches.add(new ArrayList<>());
      }
      stretches.get(stretches.size() - 1).add(block);
      before = block;
    }
    return stretches;
  }

  private Mono<Void> read(
      List<Block> stretch, ByteBuffer bytes, BlockSources sources, Scheduler workers) {
    long position = stretch.get(0).location.position();
    long wanted = stretch.stream().mapToLong(Block::length).sum();
    List<ByteBuffer> targets =
        stretch.stream().map(block -> bytes.slice(block.at, block.length())).toList();
    return sources
        .get(stretch.get(0).location.ancestor())
        .flatMap(
            source -> {
              ByteReader.verify(
                  position <= source.end() - wanted,
                  position,
                  "a block is not within its file" + source.place());
              return FileBytes.fill(source.bytes(), position, targets, wanted)
                  .then(
                      Mono.<Void>fromRunnable(() -> settle(stretch, bytes, source))
                          .subscribeOn(workers));
            });
  }

  private void settle(List<Block> stretch, ByteBuffer bytes, BlockSource source) {
    FingerprintAlgorithm algorithm = page.fingerprints().algorithm();
    Fingerprinter fingerprinter = Fingerprinter.of(algorithm);
    byte[] fingerprint = new byte[algorithm.length()];
    for (Block block : stretch) {
      ByteBuffer section = bytes.slice(block.at, block.length());
      verifyHeader(block, section, source);
      ByteBuffer payload = section.slice(Layout.LOCAL_HEADER_SIZE, block.location.storedLength());
      boolean whole;
      if (block.location.kind() == BlockLocation.Kind.RAW) {
        fingerprinter.hash(payload, fingerprint, 0);
        whole = page.fingerprints().matches(block.index, fingerprint, 0);
      } else {
        whole = Layout.crc32(payload) == block.location.crc32();
      }
      if (!whole) {
        throw corrupt(block, "the stored bytes of ", source);
      }
      new LocalHeader(
              page.chunk(),
              (int) (page.firstBlock() + block.index),
              block.location.storedLength(),
              block.location.codec())
          .put(section);
    }
  }

  /** Which chunk and block it was in an ancestor is not for this file to say. */
  private void verifyHeader(Block block, ByteBuffer section, BlockSource source) {
    LocalHeader found = LocalHeader.read(section);
    if (found == null
        || found.codec() != block.location.codec()
        || found.storedLength() != block.location.storedLength()) {
      throw corrupt(block, "the local header of ", source);
    }
  }

  private CorruptCheckpointException corrupt(Block block, String what, BlockSource source) {
    return new CorruptCheckpointException(
        block.location.position(),
        what
            + "block "
            + (page.firstBlock() + block.index)
            + " of chunk "
            + page.chunk()
            + source.place()
            + " are not what the index says");
  }
}
