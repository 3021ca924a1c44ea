package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A range of one version of an object, read piece by piece into pooled buffers. Once open, it is
 * read whole even when its path is given to another version.
 */
final class FileRange implements BlockingSource<OwnedBuffer> {
  private final StoredObject object;
  private final FileChannel channel;
  private final BufferPool pool;
  private final long end;
  private long position;

  private FileRange(StoredObject object, FileChannel channel, Range range, BufferPool pool) {
    this.object = object;
    this.channel = channel;
    this.pool = pool;
    this.position = range.offset();
    this.end = range.offset() + range.length();
  }

  /**
   * Opens a version where it was found before.
   *
   * @param range within the object
   */
  static FileRange open(StoreTree.Place place, StoredObject object, Range range, BufferPool pool)
      throws IOException {
    return new FileRange(object, OpenVersion.at(place, object), range, pool);
  }

  @Override
  public boolean isExhausted() {
    return position == end;
  }

  @Override
  public @Nullable OwnedBuffer next() throws IOException {
    OwnedBuffer owned = pool.acquire();
    try {
      ByteBuffer target = owned.buffer();
      target.limit((int) Math.min(target.capacity(), end - position));
      fill(target);
      target.flip();
      return owned;
    } catch (IOException | RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private void fill(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      int read = channel.read(target, position);
      if (read < 0) {
        throw OpenVersion.cutOff(object, position);
      }
      position += read;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
