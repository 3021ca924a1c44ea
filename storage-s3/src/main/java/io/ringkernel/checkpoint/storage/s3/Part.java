package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import software.amazon.awssdk.core.async.AsyncRequestBody;

/**
 * Bytes that one request sends, in pooled memory that is taken as it is needed, since the request
 * may have to be repeated. Filled by one thread at a time, then only read.
 */
final class Part implements AutoCloseable {
  private final BufferPool pool;
  private final long capacity;
  private final List<OwnedBuffer> segments = new ArrayList<>();
  private final CRC32C crc = new CRC32C();
  private long size;

  /**
   * @param capacity the most bytes it takes
   */
  Part(BufferPool pool, long capacity) {
    this.pool = pool;
    this.capacity = capacity;
  }

  /** The most bytes it takes. */
  long capacity() {
    return capacity;
  }

  long size() {
    return size;
  }

  boolean isFull() {
    return size == capacity;
  }

  /**
   * Copies as much as there is room for.
   *
   * @param source its position moves past what was taken
   * @param whole is updated with it, too
   */
  void append(ByteBuffer source, CRC32C whole) {
    while (source.hasRemaining() && !isFull()) {
      ByteBuffer segment = segment();
      long room = Math.min(segment.remaining(), capacity - size);
      int length = (int) Math.min(room, source.remaining());
      int start = segment.position();
      segment.put(start, source, source.position(), length);
      segment.position(start + length);
      source.position(source.position() + length);
      size += length;
      ByteBuffer copied = segment.duplicate().flip().position(start);
      crc.update(copied.duplicate());
      whole.update(copied);
    }
  }

  private ByteBuffer segment() {
    if (segments.isEmpty() || !segments.get(segments.size() - 1).buffer().hasRemaining()) {
      segments.add(pool.acquire());
    }
    return segments.get(segments.size() - 1).buffer();
  }

  /** As the service writes it. */
  String crc32c() {
    return Checksums.base64(crc);
  }

  /** What the service gives to an object of these bytes that is written in one request. */
  String md5() {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      segments.forEach(segment -> digest.update(segment.buffer().duplicate().flip()));
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /** The bytes, any number of times until this is closed; nothing is copied. */
  AsyncRequestBody body() {
    ByteBuffer[] views =
        segments.stream()
            .map(segment -> segment.buffer().duplicate().flip().asReadOnlyBuffer())
            .toArray(ByteBuffer[]::new);
    return views.length == 0
        ? AsyncRequestBody.empty()
        : AsyncRequestBody.fromRemainingByteBuffersUnsafe(views);
  }

  /** Gives the memory back; idempotent. */
  @Override
  public void close() {
    segments.forEach(OwnedBuffer::close);
    segments.clear();
  }
}
