package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Iterator;
import java.util.List;

/** One version of an object, read into the caller's memory stretch by stretch. */
final class FileStretches implements BlockingSource<Stretch> {
  /**
   * Heap memory of one stretch that the JDK may read into through direct memory, which it then
   * keeps for each thread; more goes through a pooled buffer.
   */
  private static final int MOST_HEAP_BYTES = 16 << 10;

  private final StoredObject object;
  private final FileChannel channel;
  private final Iterator<Stretch> stretches;
  private final BufferPool pool;

  private FileStretches(
      StoredObject object, FileChannel channel, List<Stretch> stretches, BufferPool pool) {
    this.object = object;
    this.channel = channel;
    this.stretches = stretches.iterator();
    this.pool = pool;
  }

  /** Opens a version where it was found a moment ago. */
  static FileStretches open(
      StoreTree.Place place, StoredObject object, List<Stretch> stretches, BufferPool pool)
      throws IOException {
    return new FileStretches(object, OpenVersion.at(place, object), stretches, pool);
  }

  @Override
  public boolean isExhausted() {
    return !stretches.hasNext();
  }

  /** The next stretch, filled as far as there are bytes. */
  @Override
  public Stretch next() throws IOException {
    Stretch stretch = stretches.next();
    read(stretch);
    return stretch;
  }

  private void read(Stretch stretch) throws IOException {
    long room = 0;
    long heap = 0;
    for (ByteBuffer target : stretch.targets()) {
      room += target.remaining();
      heap += target.isDirect() ? 0 : target.remaining();
    }
    long length = Math.min(room, Math.max(0, object.size() - stretch.offset()));
    if (heap > MOST_HEAP_BYTES) {
      copy(stretch, length);
    } else {
      fill(stretch, length);
    }
  }

  private void fill(Stretch stretch, long length) throws IOException {
    ByteBuffer[] targets = stretch.targets().toArray(ByteBuffer[]::new);
    int current = 0;
    long left = length;
    channel.position(stretch.offset());
    while (left > 0) {
      while (!targets[current].hasRemaining()) {
        current++;
      }
      long read = channel.read(targets, current, targets.length - current);
      if (read < 0) {
        throw OpenVersion.cutOff(object, stretch.offset() + length - left);
      }
      left -= read;
    }
  }

  private void copy(Stretch stretch, long length) throws IOException {
    long position = stretch.offset();
    long end = position + length;
    int current = 0;
    try (OwnedBuffer owned = pool.acquire()) {
      ByteBuffer buffer = owned.buffer();
      while (position < end) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
        int read = channel.read(buffer, position);
        if (read < 0) {
          throw OpenVersion.cutOff(object, position);
        }
        position += read;
        current = spread(buffer.flip(), stretch.targets(), current);
      }
    }
  }

  /** Copies all of a buffer on; gives the number of the target that has room next. */
  private static int spread(ByteBuffer from, List<ByteBuffer> targets, int first) {
    int current = first;
    while (from.hasRemaining()) {
      ByteBuffer target = targets.get(current);
      int part = Math.min(from.remaining(), target.remaining());
      target.put(from.slice(from.position(), part));
      from.position(from.position() + part);
      if (!target.hasRemaining()) {
        current++;
      }
    }
    return current;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
