package io.ringkernel.checkpoint.storage.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A file that becomes an object, or nothing.
 *
 * <p>As long as it is open it is locked, so that another process can tell it from what a dead one
 * left: that lock ends with the process. Whoever can lock such a file removes it. In this JVM
 * nobody even tries, for trying would end the lock: our own are told by their names.
 */
final class TemporaryFile implements Closeable {
  /** No name maps to this: a percent sign that begins no escape of ours, and no suffix. */
  private static final String PREFIX = "%tmp-";

  private static final String OURS = PREFIX + UUID.randomUUID() + "-";
  private static final AtomicLong NUMBER = new AtomicLong();
  private static final int ATTEMPTS = 100;

  /** Later than any time that a coarse file system would take for the same: FAT knows 2 s. */
  private static final long COARSE_MICROS = 2_000_000;

  private final Path path;
  private final FileChannel channel;
  private final EarlyForce early;

  private TemporaryFile(Path path, FileChannel channel, Executor threads) {
    this.path = path;
    this.channel = channel;
    this.early = new EarlyForce(() -> channel.force(false), threads);
  }

  /** Whether a file in a store is somebody's temporary file. */
  static boolean isTemporary(String fileName) {
    return fileName.startsWith(PREFIX);
  }

  /**
   * A new one, empty and locked.
   *
   * @param threads where it is brought to the disk while it is written; may block
   */
  static TemporaryFile create(Path directory, Executor threads) throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      Path path = directory.resolve(OURS + NUMBER.incrementAndGet());
      FileChannel channel =
          FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      TemporaryFile file = new TemporaryFile(path, channel, threads);
      try {
        // Another process may have found it before it was locked, and remove it.
        if (tryLock(channel) != null && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
          return file;
        }
      } catch (IOException | RuntimeException e) {
        file.close();
        throw e;
      }
      file.close();
    }
    throw new IOException("another process removes every new file in " + directory);
  }

  /**
   * Removes what a dead process left; leaves alone what anybody alive has open.
   *
   * @param path a temporary file of anybody
   * @return whether it is gone
   */
  static boolean removeIfStale(Path path) throws IOException {
    if (path.getFileName().toString().startsWith(OURS)) {
      return false;
    }
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      return tryLock(channel) != null && Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // This library, loaded a second time into this JVM.
      return null;
    }
  }

  Path directory() {
    return Objects.requireNonNull(path.getParent(), "it was made in a directory");
  }

  /** Writes all that remains of all buffers. */
  void write(ByteBuffer[] buffers, int count) throws IOException {
    int first = 0;
    while (first < count) {
      early.written(channel.write(buffers, first, count - first));
      while (first < count && !buffers[first].hasRemaining()) {
        first++;
      }
    }
  }

  /** Makes content and attributes durable. */
  void force() throws IOException {
    early.settle();
    channel.force(true);
  }

  /**
   * Gives the file the time that makes it a version of its own; the store's lock must be held.
   *
   * @return what the file system made of it
   */
  FileState stamp(StoreLock.Stamps stamps) throws IOException {
    long before = stamps.last();
    FileState state = stampedAs(stamps.next());
    if (state.micros() <= before) {
      // The file system keeps coarser times: on to its next one.
      state = stampedAs(stamps.atLeast(before + COARSE_MICROS));
    }
    if (state.micros() <= before) {
      throw new IOException("the file system of " + path + " keeps no times of modification");
    }
    return state;
  }

  private FileState stampedAs(long micros) throws IOException {
    Files.setLastModifiedTime(path, FileTime.from(micros, TimeUnit.MICROSECONDS));
    FileState state = FileState.of(path);
    if (state == null) {
      throw new NoSuchFileException(path.toString());
    }
    return state;
  }

  /** Makes this the object, whatever is there; the store's lock must be held. */
  void replace(Path target) throws IOException {
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Makes this the object; the store's lock must be held, and nothing be there.
   *
   * @throws FileAlreadyExistsException when somebody without the lock was faster
   */
  void publish(Path target) throws IOException {
    try {
      Files.createLink(target, path);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException e) {
      // No hard links here. Whoever holds the lock is alone, so that this is as exact.
      replace(target);
    }
  }

  /** Removes the temporary name, if there still is one. */
  void removeName() throws IOException {
    Files.deleteIfExists(path);
  }

  /** Ends the lock, and removes the temporary name if there still is one; idempotent. */
  @Override
  public void close() throws IOException {
    try (channel) {
      removeName();
      early.settle();
    }
  }
}
