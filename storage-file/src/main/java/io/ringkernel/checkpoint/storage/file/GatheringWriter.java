package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Turns buffers of any size and memory into few large writes.
 *
 * <p>Large direct buffers are written from where they are. All else is first put together in one
 * pooled direct buffer: heap memory would be copied by the JDK anyway, into direct memory that it
 * keeps for each thread without a bound. So is a batch that is small as a whole, and waits there
 * for more: the system keeps what it gets in little pieces in little pieces of memory, which every
 * later read of the file pays for.
 */
final class GatheringWriter implements Closeable {
  /** Less than this is cheaper to copy than to describe to the system. */
  private static final int LEAST_DIRECT = 16 << 10;

  /** A batch of less waits for more. */
  private static final int SMALL_BATCH = 256 << 10;

  /** How many buffers one write takes; also bounds what the system must look at. */
  private static final int MOST_PARTS = 64;

  private final TemporaryFile file;
  private final OwnedBuffer lent;
  private final ByteBuffer staging;
  private final ByteBuffer[] parts = new ByteBuffer[MOST_PARTS];
  private int count;

  /** Where in {@link #staging} the bytes begin that are not yet among the parts. */
  private int mark;

  GatheringWriter(TemporaryFile file, BufferPool pool) {
    this.file = file;
    this.lent = pool.acquire();
    this.staging = lent.buffer();
  }

  /** Takes all bytes of a batch, and writes them now or later; the buffers stay the caller's. */
  void write(List<OwnedBuffer> batch) throws IOException {
    long length = 0;
    for (OwnedBuffer each : batch) {
      length += each.buffer().remaining();
    }
    boolean waits = length < SMALL_BATCH;
    for (OwnedBuffer each : batch) {
      ByteBuffer buffer = each.buffer();
      if (!waits && buffer.isDirect() && buffer.remaining() >= LEAST_DIRECT) {
        addStaged();
        add(buffer);
      } else {
        stage(buffer);
      }
    }
    if (!waits) {
      flush();
    }
  }

  private void stage(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (!staging.hasRemaining()) {
        flush();
      }
      int length = Math.min(staging.remaining(), buffer.remaining());
      staging.put(staging.position(), buffer, buffer.position(), length);
      staging.position(staging.position() + length);
      buffer.position(buffer.position() + length);
    }
  }

  private void addStaged() throws IOException {
    int end = staging.position();
    if (end > mark) {
      ByteBuffer part = staging.slice(mark, end - mark);
      mark = end;
      add(part);
    }
  }

  private void add(ByteBuffer part) throws IOException {
    parts[count++] = part;
    if (count == MOST_PARTS) {
      writeParts();
    }
  }

  /** Writes what waits. */
  void flush() throws IOException {
    addStaged();
    writeParts();
    staging.clear();
    mark = 0;
  }

  private void writeParts() throws IOException {
    file.write(parts, count);
    Arrays.fill(parts, 0, count, null);
    count = 0;
  }

  @Override
  public void close() {
    lent.close();
  }
}
