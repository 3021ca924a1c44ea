package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A range of one version of an object, read piece by piece into pooled buffers.
 *
 * <p>That the open file is that version is known from its attributes before and after opening: a
 * version never comes back to a path, so what was there both times was there in between. Once open,
 * it is read whole even when the path is given to another version.
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
   * Opens a version.
   *
   * @param range within the object
   */
  static FileRange open(StoreTree tree, StoredObject object, Range range, BufferPool pool)
      throws IOException {
    return open(requireVersion(tree, object), object, range, pool);
  }

  /**
   * Opens a version where it was found a moment ago.
   *
   * @param range within the object
   */
  static FileRange open(StoreTree.Place place, StoredObject object, Range range, BufferPool pool)
      throws IOException {
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              place.file(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      throw new ChangedMeanwhileException(object.name(), object.version(), null);
    }
    try {
      FileState after = FileState.of(place.file());
      FileSave.requireVersion(object.name(), object.version(), after);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return new FileRange(object, channel, range, pool);
  }

  /**
   * Reads from where this range begins into memory outside the heap, which needs no buffer between.
   *
   * @param targets filled in order, as far as there are bytes
   * @return how many bytes were read
   */
  long into(List<ByteBuffer> targets) throws IOException {
    ByteBuffer[] left = targets.toArray(ByteBuffer[]::new);
    int current = 0;
    long start = position;
    channel.position(start);
    while (position < end) {
      while (!left[current].hasRemaining()) {
        current++;
      }
      long read = channel.read(left, current, left.length - current);
      if (read < 0) {
        throw cutOff();
      }
      position += read;
    }
    return position - start;
  }

  private static StoreTree.Place requireVersion(StoreTree tree, StoredObject object)
      throws IOException {
    StoreTree.Place place = tree.find(object.name());
    FileSave.requireVersion(object.name(), object.version(), place.object());
    return place;
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
        throw cutOff();
      }
      position += read;
    }
  }

  /** Only somebody who writes into files of ours can have made it shorter. */
  private ChangedMeanwhileException cutOff() {
    return new ChangedMeanwhileException(
        object.name(), object.version(), "a file of " + position + " bytes");
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
