package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.BlockLocation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds blocks by their fingerprints: one open-addressed array of block numbers, counted through
 * all chunks. A fingerprint is a hash already, so its first bytes are the place to look.
 */
final class FingerprintTable {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Half of the places stay empty. */
  private static final int MOST_BLOCKS = 1 << 29;

  private static final int EMPTY = -1;

  private final List<CompactChunk> chunks;

  /** The number of each chunk's first block, and one past the last. */
  private final long[] firsts;

  private final int[] places;

  private FingerprintTable(List<CompactChunk> chunks, long[] firsts, int[] places) {
    this.chunks = chunks;
    this.firsts = firsts;
    this.places = places;
  }

  /** The bytes that a table of so many blocks takes; 0 when there are too many for one. */
  static long weight(long blocks) {
    return blocks == 0 || blocks > MOST_BLOCKS ? 0 : (long) capacity(blocks) * Integer.BYTES;
  }

  private static int capacity(long blocks) {
    return Math.max(4, Integer.highestOneBit((int) (2 * blocks - 1)) << 1);
  }

  /** A table of all blocks that are stored somewhere; null when there are too many. */
  static @Nullable FingerprintTable of(List<CompactChunk> chunks) {
    long[] firsts = new long[chunks.size() + 1];
    for (int i = 0; i < chunks.size(); i++) {
      firsts[i + 1] = firsts[i] + chunks.get(i).blocks();
    }
    long blocks = firsts[chunks.size()];
    if (blocks == 0 || blocks > MOST_BLOCKS) {
      return null;
    }
    int[] places = new int[capacity(blocks)];
    Arrays.fill(places, EMPTY);
    FingerprintTable table = new FingerprintTable(chunks, firsts, places);
    table.addAll();
    return table;
  }

  private void addAll() {
    byte[] fingerprint = new byte[64];
    for (int i = 0; i < chunks.size(); i++) {
      CompactChunk chunk = chunks.get(i);
      for (long block = 0; block < chunk.blocks(); block++) {
        chunk.copyFingerprint(block, fingerprint, 0);
        add((int) (firsts[i] + block), place(fingerprint, 0), fingerprint, chunk, block);
      }
    }
  }

  /** The first of several equal blocks is enough: more would make the search for them long. */
  private void add(int number, int start, byte[] fingerprint, CompactChunk chunk, long block) {
    int place = start;
    while (places[place] != EMPTY) {
      int chunkOfOther = chunkOf(places[place]);
      CompactChunk other = chunks.get(chunkOfOther);
      long otherBlock = places[place] - firsts[chunkOfOther];
      if (other.matches(otherBlock, fingerprint, 0)
          && other.length(otherBlock) == chunk.length(block)) {
        return;
      }
      place = (place + 1) & (places.length - 1);
    }
    places[place] = number;
  }

  private int place(byte[] fingerprint, int at) {
    long hash = (long) LONG.get(fingerprint, at);
    return (int) (hash ^ hash >>> 32) & (places.length - 1);
  }

  private int chunkOf(int number) {
    int found = Arrays.binarySearch(firsts, number);
    if (found < 0) {
      return -found - 2;
    }
    // Chunks without a block begin where the next one does.
    while (firsts[found + 1] == number) {
      found++;
    }
    return found;
  }

  /** Any block of this fingerprint and length. */
  @Nullable BlockLocation find(byte[] fingerprint, int at, int rawLength) {
    int place = place(fingerprint, at);
    while (places[place] != EMPTY) {
      int index = chunkOf(places[place]);
      CompactChunk chunk = chunks.get(index);
      long block = places[place] - firsts[index];
      if (chunk.matches(block, fingerprint, at) && chunk.length(block) == rawLength) {
        return chunk.location(block);
      }
      place = (place + 1) & (places.length - 1);
    }
    return null;
  }
}
