package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.format.EncodeOptions;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Overwrites some of a state's blocks, chosen at random, with other random bytes. */
final class Changes {
  private static final int BLOCK = EncodeOptions.DEFAULT_BLOCK_SIZE;
  private static final int ONE_IN = 100;

  private final SplittableRandom random = new SplittableRandom(3);
  private final ByteBuffer memory;

  Changes(ByteBuffer memory) {
    this.memory = memory;
  }

  /** Blocks in the state. */
  int blocks() {
    return memory.capacity() / BLOCK;
  }

  /** Bytes that one call of {@link #make} changes: those of one block in a hundred. */
  long bytes() {
    return (long) (blocks() / ONE_IN) * BLOCK;
  }

  /** Changes one block in a hundred. */
  void make() {
    Set<Integer> chosen = new TreeSet<>();
    while (chosen.size() < blocks() / ONE_IN) {
      chosen.add(random.nextInt(blocks()));
    }
    for (int block : chosen) {
      for (int at = block * BLOCK; at < (block + 1) * BLOCK; at += Long.BYTES) {
        memory.putLong(at, random.nextLong());
      }
    }
  }
}
