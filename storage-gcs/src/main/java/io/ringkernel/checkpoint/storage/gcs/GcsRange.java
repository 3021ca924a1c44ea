package io.ringkernel.checkpoint.storage.gcs;

import com.google.cloud.ReadChannel;
import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A range of one version of an object, in one request; when its connection breaks, the client asks
 * for the rest, from the byte where it broke and of the same version.
 */
final class GcsRange implements BlockingSource<OwnedBuffer> {
  private final StoreObjects objects;
  private final Found found;
  private final BufferPool pool;
  private final Wire wire;
  private final long end;

  /** Of all bytes; null when only some are read, for which the service has no checksum. */
  private final @Nullable Checksum checksum;

  private @Nullable ReadChannel channel;
  private long position;

  /** Does nothing yet; {@code range} is within the object. */
  GcsRange(StoreObjects objects, Found found, Range range, BufferPool pool, Wire wire) {
    this.objects = objects;
    this.found = found;
    this.pool = pool;
    this.wire = wire;
    this.position = range.offset();
    this.end = range.offset() + range.length();
    boolean isWhole = range.offset() == 0 && range.length() == found.object().size();
    this.checksum = isWhole && found.crc32c() != null ? new Checksum() : null;
  }

  @Override
  public boolean isExhausted() {
    return position == end;
  }

  @Override
  public OwnedBuffer next() throws IOException {
    OwnedBuffer owned = pool.acquire();
    try {
      ByteBuffer target = owned.buffer();
      target.limit((int) Math.min(target.capacity(), end - position));
      wire.run(() -> fill(target));
      target.flip();
      check(target);
      return owned;
    } catch (IOException | RuntimeException e) {
      owned.close();
      if (StoreObjects.isGone(e)) {
        throw changed();
      }
      throw e;
    }
  }

  private boolean fill(ByteBuffer target) throws IOException {
    ReadChannel from = channel;
    if (from == null) {
      from = objects.reader(found.object().name(), found.generation());
      from.seek(position);
      from.limit(end);
      channel = from;
    }
    while (target.hasRemaining()) {
      int read = from.read(target);
      if (read < 0) {
        throw new IOException("the bytes ended at " + position + " instead of " + end);
      }
      position += read;
      if (read > 0) {
        wire.progressed();
      }
    }
    return true;
  }

  private void check(ByteBuffer bytes) {
    if (checksum == null) {
      return;
    }
    checksum.add(bytes);
    if (position == end && !checksum.isThat(found.crc32c())) {
      throw new io.ringkernel.checkpoint.error.StorageException(
          "'"
              + found.object().name()
              + "': its bytes arrived with the CRC-32C "
              + checksum
              + ", the service has "
              + found.crc32c()
              + "; they were damaged on their way: read it again",
          true,
          null);
    }
  }

  private RuntimeException changed() throws IOException {
    String name = found.object().name();
    Found present = objects.find(wire, name);
    return new ChangedMeanwhileException(
        name, found.object().version(), present == null ? null : present.object().version());
  }

  @Override
  public void close() throws IOException {
    ReadChannel open = channel;
    if (open == null) {
      return;
    }
    if (position < end) {
      // Else it would read what nobody wants, to use the connection again.
      wire.hangUp();
    }
    wire.run(
        () -> {
          open.close();
          return true;
        });
  }
}
