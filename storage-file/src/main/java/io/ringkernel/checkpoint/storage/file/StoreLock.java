package io.ringkernel.checkpoint.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The lock that every change of a store holds: one thread of one process at a time.
 *
 * <p>Between processes it is a {@link java.nio.channels.FileLock} on a file in the root. The system
 * gives such a lock to the whole process, and takes it away as soon as the process closes
 * <i>any</i> descriptor of that file. So in this JVM a mutex comes first, found by what the root
 * directory <i>is</i> and not by how it is called, and the file is only ever open under that mutex.
 *
 * <p>The file holds the last stamp, 8 bytes, big-endian.
 */
final class StoreLock {
  /** No name maps to this: a percent sign that begins no escape of ours. */
  static final String FILE_NAME = "%lock";

  /** What is done while the lock is held. */
  interface Critical<T> {
    T run(Stamps stamps) throws IOException;
  }

  /** Gives out times that no other commit in this store has; valid while the lock is held. */
  static final class Stamps {
    private final FileChannel file;
    private long last;

    private Stamps(FileChannel file) throws IOException {
      this.file = file;
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
      this.last = file.read(bytes, 0) == Long.BYTES ? bytes.getLong(0) : 0;
    }

    /** The last one given out; another one since means that something was committed. */
    long last() {
      return last;
    }

    /** Microseconds since the epoch: now, or more when the clock does not move on. */
    long next() throws IOException {
      return atLeast(System.currentTimeMillis() * 1000);
    }

    /** As {@link #next}, and not before {@code least}. */
    long atLeast(long least) throws IOException {
      last = Math.max(least, last + 1);
      // Before it is used: a stamp must not be given out again after a crash.
      ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).putLong(0, last);
      file.write(bytes, 0);
      return last;
    }
  }

  /** A mutex and how many threads use or want it: it is forgotten with the last. */
  private record Mutex(ReentrantLock lock, int users) {}

  private static final ConcurrentHashMap<Object, Mutex> MUTEXES = new ConcurrentHashMap<>();

  private final Path root;

  StoreLock(Path root) {
    this.root = root;
  }

  /** Runs something while no other change of the store is under way; the root must exist. */
  <T> T exclusively(Critical<T> work) throws IOException {
    Object key = identity(root);
    ReentrantLock mutex = acquire(key);
    try {
      return locked(work);
    } finally {
      release(key, mutex);
    }
  }

  private <T> T locked(Critical<T> work) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            root.resolve(FILE_NAME),
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS))) {
      // Given back with the channel.
      file.lock();
      if (file.size() == 0) {
        // The first change ever: whoever made the root may not have come to this.
        Directories.forceUpwards(root);
      }
      return work.run(new Stamps(file));
    }
  }

  /** The same for all paths to one directory, links and mounts included, where the system tells. */
  private static Object identity(Path root) throws IOException {
    @Nullable Object key = Files.readAttributes(root, BasicFileAttributes.class).fileKey();
    return key == null ? root.toRealPath() : key;
  }

  private static ReentrantLock acquire(Object key) {
    ReentrantLock lock =
        MUTEXES
            .compute(
                key,
                (k, known) ->
                    known == null
                        ? new Mutex(new ReentrantLock(), 1)
                        : new Mutex(known.lock(), known.users() + 1))
            .lock();
    lock.lock();
    return lock;
  }

  private static void release(Object key, ReentrantLock lock) {
    lock.unlock();
    MUTEXES.computeIfPresent(
        key, (k, known) -> known.users() == 1 ? null : new Mutex(known.lock(), known.users() - 1));
  }
}
