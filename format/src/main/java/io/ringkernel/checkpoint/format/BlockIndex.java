package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The whole block index of one version 2 file in compact arrays: for every block its fingerprint
 * and where it is stored. A delta is made against it; it holds no state itself.
 *
 * <p>Immutable, except for a table of fingerprints that the first {@link #find} makes; safe for any
 * number of threads, none of which ever waits for I/O.
 */
public interface BlockIndex {
  /** Names the file. */
  ObjectId objectId();

  /** Pins the file. */
  RootHash rootHash();

  /** The files that {@link BlockLocation#ancestor} points into; immutable. */
  List<Ancestor> ancestors();

  /** Raw bytes of every block but a chunk's last. */
  int blockSize();

  /** How blocks are fingerprinted; empty for a file without a chunk. */
  Optional<FingerprintAlgorithm> algorithm();

  /** The chunks, in order; immutable. */
  List<Chunk> chunks();

  /** The number of blocks of all chunks. */
  long blocks();

  /** The number of blocks that other files hold. */
  long ancestorBlocks();

  /** Raw bytes of all chunks. */
  long size();

  /** Bytes of memory that it takes, the table of fingerprints included. */
  long weight();

  /**
   * What it costs a storage to read the whole state from this file and its ancestors, by the rules
   * of this library's own reader.
   *
   * @param scattered whether the storage reads many stretches of an object in one request; else
   *     each stretch is a request, except those that lie close together
   */
  ReadCost readCost(boolean scattered);

  /** The cost if this file held all blocks itself. */
  ReadCost flatReadCost();

  /**
   * Any block of the file with a given fingerprint.
   *
   * @param fingerprint an array that holds it, of {@link #algorithm}
   * @param at index in {@code fingerprint} of its first byte
   * @param rawLength the block's raw bytes; one of another length is never given
   * @return where it is stored; null when the file has none
   */
  @Nullable BlockLocation find(byte[] fingerprint, int at, int rawLength);

  /** One chunk of the file. */
  interface Chunk {
    /** What kind of state it is. */
    ChunkType type();

    /** Its id, which distinguishes it from others of its type; unsigned. */
    long id();

    /** How many chunks of its type and id come before it. */
    int occurrence();

    /** The region's name, when the file has it. */
    Optional<String> name();

    /** 32 bits of the application's own. */
    int flags();

    /** Raw bytes. */
    long size();

    /** The number of its blocks. */
    long blocks();

    /**
     * Raw bytes of a block.
     *
     * @param block 0 to {@link #blocks} - 1
     */
    int length(long block);

    /**
     * Where a block is stored.
     *
     * @param block 0 to {@link #blocks} - 1
     */
    BlockLocation location(long block);

    /**
     * Whether a block has this fingerprint.
     *
     * @param block 0 to {@link #blocks} - 1
     * @param fingerprint an array that holds one of the file's algorithm
     * @param at index in {@code fingerprint} of its first byte
     */
    boolean matches(long block, byte[] fingerprint, int at);

    /**
     * Whether a block has the same fingerprint and length as a block of another chunk, whose
     * fingerprints are of the same algorithm.
     *
     * @param block 0 to {@link #blocks} - 1
     * @param other the chunk to compare with
     * @param otherBlock its block
     */
    boolean matches(long block, Chunk other, long otherBlock);

    /**
     * Copies a fingerprint out.
     *
     * @param block 0 to {@link #blocks} - 1
     * @param target where to
     * @param at index in {@code target} of its first byte
     */
    void copyFingerprint(long block, byte[] target, int at);

    /**
     * All its fingerprints in one array, made anew.
     *
     * @throws io.ringkernel.checkpoint.error.LimitExceededException when no array can hold them
     */
    BlockFingerprints fingerprints();
  }

  /**
   * The cost of reading a whole state.
   *
   * @param files that are read
   * @param requests to the storage, including those that open the ancestors
   * @param stretches of those files that are read separately from others in the same requests
   * @param bytes that these transfer, including those between blocks that are read along
   */
  record ReadCost(int files, long requests, long stretches, long bytes) {
    /**
     * A stretch counts as so many bytes more. It was measured to take about half as long, which
     * leaves room for what the ancestors cost. Told in bytes since the speed that storages are
     * measured by is that of one request among others.
     */
    private static final double BYTES_PER_STRETCH = 64 << 10;

    /**
     * How long it takes at a storage's speed, in seconds.
     *
     * @param bytesPerSecond the rate of requests that are made one after the other; above 0
     * @param secondsPerRequest the time of a request without that for its bytes; at least 0
     */
    public double seconds(double bytesPerSecond, double secondsPerRequest) {
      return (bytes + stretches * BYTES_PER_STRETCH) / bytesPerSecond
          + requests * secondsPerRequest;
    }
  }
}
