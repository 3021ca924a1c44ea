package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Consecutive blocks on their way into a new file. What is stored of a block, local header and
 * payload, has the same length in every file, so it is read to where it will stand; then it is
 * verified there, and its header written anew.
 */
final class FlatBatch {
  /** How many files one batch is read from at the same time. */
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
                  Flux.fromIterable(byFile().values()),
                  part -> read(part, bytes, sources, workers),
                  READS_IN_FLIGHT)
              .then(Mono.just(bytes));
        });
  }

  /** By the file that they are in, in their order there. */
  private Map<Integer, List<Block>> byFile() {
    List<Block> sorted = new ArrayList<>(blocks);
    sorted.sort(Comparator.comparingLong(block -> block.location.position()));
    Map<Integer, List<Block>> files = new LinkedHashMap<>();
    sorted.forEach(
        block ->
            files.computeIfAbsent(block.location.ancestor(), file -> new ArrayList<>()).add(block));
    return files;
  }

  private Mono<Void> read(
      List<Block> part, ByteBuffer bytes, BlockSources sources, Scheduler workers) {
    return sources
        .get(part.get(0).location.ancestor())
        .flatMap(
            source -> {
              part.forEach(
                  block -> source.requireWithin(block.location.position(), block.length()));
              return FileBytes.fill(source.bytes(), stretches(part, bytes))
                  .then(
                      Mono.<Void>fromRunnable(() -> settle(part, bytes, source))
                          .subscribeOn(workers));
            });
  }

  /** Blocks that stand one behind the other in the file are one stretch. */
  private static List<Stretch> stretches(List<Block> part, ByteBuffer bytes) {
    List<Stretch> stretches = new ArrayList<>();
    long end = -1;
    for (Block block : part) {
      if (block.location.position() != end) {
        stretches.add(new Stretch(block.location.position(), new ArrayList<>()));
      }
      Stretch last = stretches.get(stretches.size() - 1);
      last.targets().add(bytes.slice(block.at, block.length()));
      end = IndexPage.end(block.location);
    }
    return stretches;
  }

  private void settle(List<Block> part, ByteBuffer bytes, BlockSource source) {
    FingerprintAlgorithm algorithm = page.fingerprints().algorithm();
    Fingerprinter fingerprinter = Fingerprinter.of(algorithm);
    byte[] fingerprint = new byte[algorithm.length()];
    for (Block block : part) {
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
    return source.corrupt(
        block.location.position(),
        what
            + "block "
            + (page.firstBlock() + block.index)
            + " of chunk "
            + page.chunk()
            + source.place()
            + " are not what the index says",
        null);
  }
}
