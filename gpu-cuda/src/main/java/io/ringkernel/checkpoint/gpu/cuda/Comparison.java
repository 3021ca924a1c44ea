package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What a state is compared with, block by block: the fingerprints of a base. */
final class Comparison {
  private final int blockSize;
  private final byte[] base;
  private final BitSet known;

  private Comparison(int blockSize, byte[] base, BitSet known) {
    this.blockSize = blockSize;
    this.base = base;
    this.known = known;
  }

  /** Bytes in every block but the last of each region. */
  int blockSize() {
    return blockSize;
  }

  /** 16 bytes for each block of each region, in order; zero where the base knows none. */
  byte[] base() {
    return base;
  }

  /** Whether the base has fingerprints that fit a region, by its index. */
  boolean knows(int region) {
    return known.get(region);
  }

  /**
   * Asks a base for its fingerprints.
   *
   * @param state what will be compared
   * @param base its chunks' fingerprints are subscribed to
   * @param capacity the most blocks there is room for
   * @return empty when nothing of the base can be compared with
   */
  static Mono<Comparison> with(State state, Checkpoint base, long capacity) {
    return Flux.fromIterable(state.regions())
        .concatMap(region -> fingerprints(region, base).singleOptional())
        .collectList()
        .flatMap(found -> Mono.justOrEmpty(of(state, found, capacity)));
  }

  private static Mono<BlockFingerprints> fingerprints(Region region, Checkpoint base) {
    Optional<DataChunk> chunk =
        base.chunks().stream()
            .filter(each -> each.type().equals(region.part().type()))
            .filter(each -> each.id() == region.part().id())
            .findFirst();
    return Mono.justOrEmpty(chunk)
        .filter(each -> each.size() == region.size())
        .flatMap(DataChunk::fingerprints)
        .filter(values -> values.algorithm() == FingerprintAlgorithm.XXH3_128)
        .filter(values -> values.count() == region.blocks(values.blockSize()));
  }

  private static @Nullable Comparison of(
      State state, List<Optional<BlockFingerprints>> found, long capacity) {
    List<Integer> sizes =
        new ArrayList<>(found.stream().flatMap(Optional::stream).map(f -> f.blockSize()).toList());
    if (sizes.isEmpty()) {
      return null;
    }
    int blockSize = sizes.get(0);
    long blocks = state.blocks(blockSize);
    if (blocks > Math.min(capacity, Integer.MAX_VALUE / WorkTable.FINGERPRINT)) {
      return null;
    }
    byte[] base = new byte[(int) blocks * WorkTable.FINGERPRINT];
    BitSet known = new BitSet();
    int at = 0;
    for (int i = 0; i < found.size(); i++) {
      BlockFingerprints values = found.get(i).orElse(null);
      if (values != null && values.blockSize() == blockSize) {
        known.set(i);
        for (int block = 0; block < values.count(); block++) {
          values.copyTo(block, base, at + block * WorkTable.FINGERPRINT);
        }
      }
      at += (int) state.regions().get(i).blocks(blockSize) * WorkTable.FINGERPRINT;
    }
    return new Comparison(blockSize, base, known);
  }
}
