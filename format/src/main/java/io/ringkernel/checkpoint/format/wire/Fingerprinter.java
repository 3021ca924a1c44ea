package io.ringkernel.checkpoint.format.wire;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Computes fingerprints of one algorithm; one thread at a time. */
public abstract sealed class Fingerprinter {
  private final FingerprintAlgorithm algorithm;

  private Fingerprinter(FingerprintAlgorithm algorithm) {
    this.algorithm = algorithm;
  }

  /** A computer of this algorithm's fingerprints. */
  public static Fingerprinter of(FingerprintAlgorithm algorithm) {
    return switch (algorithm) {
      case XXH3_128 -> new Xxh3();
      case SHA_256 -> new Sha256();
    };
  }

  /** Which algorithm. */
  public final FingerprintAlgorithm algorithm() {
    return algorithm;
  }

  /**
   * Hashes all remaining bytes.
   *
   * @param block heap or direct; position and limit are left as they are
   * @param target takes {@code algorithm().length()} bytes
   * @param at index in {@code target} of the first
   */
  public abstract void hash(ByteBuffer block, byte[] target, int at);

  /** A SHA-256 digest; every JDK has it. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK lacks SHA-256, which the platform requires", e);
    }
  }

  private static final class Xxh3 extends Fingerprinter {
    private static final Hasher128 HASHER = Hashing.xxh3_128();
    private static final VarHandle LONG =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    Xxh3() {
      super(FingerprintAlgorithm.XXH3_128);
    }

    @Override
    public void hash(ByteBuffer block, byte[] target, int at) {
      HashValue128 hash =
          block.hasArray()
              ? HASHER.hashBytesTo128Bits(
                  block.array(), block.arrayOffset() + block.position(), block.remaining())
              : HASHER.hashBytesTo128Bits(block.slice(), 0, block.remaining(), LittleEndian.BYTES);
      LONG.set(target, at, hash.getLeastSignificantBits());
      LONG.set(target, at + Long.BYTES, hash.getMostSignificantBits());
    }
  }

  /**
   * Bytes outside the heap. On JDK 17, VarHandles read them a fifth faster than the {@code get}
   * methods that hash4j's own access to buffers uses.
   */
  private enum LittleEndian implements ByteAccess<ByteBuffer> {
    BYTES;

    private static final VarHandle INT =
        MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
        MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    @Override
    public byte getByte(ByteBuffer data, long at) {
      return data.get((int) at);
    }

    @Override
    public int getInt(ByteBuffer data, long at) {
      return (int) INT.get(data, (int) at);
    }

    @Override
    public long getLong(ByteBuffer data, long at) {
      return (long) LONG.get(data, (int) at);
    }
  }

  private static final class Sha256 extends Fingerprinter {
    private final MessageDigest digest = sha256();

    Sha256() {
      super(FingerprintAlgorithm.SHA_256);
    }

    @Override
    public void hash(ByteBuffer block, byte[] target, int at) {
      digest.update(block.duplicate());
      try {
        digest.digest(target, at, algorithm().length());
      } catch (DigestException e) {
        throw new IllegalArgumentException("no room for a SHA-256 value at " + at, e);
      }
    }
  }
}
