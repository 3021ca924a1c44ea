package io.ringkernel.checkpoint.cli.files;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The bytes of a file, read where and when they are asked for; nothing of it is kept in memory.
 *
 * <p>Its size is that at opening. A file that is changed while it is read is an error: half of one
 * state and half of another is no state.
 */
public final class FileContent implements ChunkContent, AutoCloseable {
  /** A read into heap memory goes through direct memory of its size, which the JDK then keeps. */
  private static final int MOST_AT_ONCE = 1 << 20;

  /** What a checkpoint's own bytes are called while they lie aside. */
  private static final String COPY = "the checkpoint";

  private final String shown;
  private final FileChannel channel;
  private final FileThreads threads;
  private final long size;
  private final @Nullable Path path;
  private final @Nullable FileTime modified;
  private final @Nullable Object key;

  private FileContent(String shown, FileChannel channel, FileThreads threads, @Nullable Path path)
      throws IOException {
    this.shown = shown;
    this.channel = channel;
    this.threads = threads;
    this.size = channel.size();
    this.path = path;
    BasicFileAttributes attributes =
        path == null ? null : Files.readAttributes(path, BasicFileAttributes.class);
    this.modified = attributes == null ? null : attributes.lastModifiedTime();
    this.key = attributes == null ? null : attributes.fileKey();
  }

  /**
   * Opens a file. A pipe or a device, whose size nobody knows, is copied aside first.
   *
   * @param path where
   * @param directory where there is room for a copy
   * @param threads on which it is read
   */
  public static FileContent open(Path path, Path directory, FileThreads threads)
      throws IOException {
    String shown = "'" + path + "'";
    if (Files.isDirectory(path)) {
      throw new RefusedException(shown + " is a directory, not a file");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      try (InputStream stream = Files.newInputStream(path)) {
        return spooled(shown, stream, directory, threads);
      }
    }
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new FileContent(shown, channel, threads, path);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Copies a stream, whose length nobody knows, into a temporary file that goes away with this
   * content, and on Unix with the process, however it ends.
   *
   * @param shown what it is called in messages
   * @param stream read to its end, not closed
   * @param directory where there is room
   * @param threads on which the copy is read
   */
  public static FileContent spooled(
      String shown, InputStream stream, Path directory, FileThreads threads) throws IOException {
    FileChannel channel = spool(shown, directory);
    try {
      copy(shown, stream, channel, directory);
      return new FileContent(shown, channel, threads, null);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void copy(String shown, InputStream from, FileChannel to, Path directory) {
    byte[] buffer = new byte[256 << 10];
    for (int count = read(shown, from, buffer); count >= 0; count = read(shown, from, buffer)) {
      ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
      try {
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
      } catch (IOException e) {
        throw unspooled(shown, directory, e);
      }
    }
  }

  private static int read(String shown, InputStream from, byte[] buffer) {
    try {
      return from.read(buffer);
    } catch (IOException e) {
      throw new RefusedException(shown + " can't be read: " + NamedFailure.reason(e), e);
    }
  }

  private static RefusedException unspooled(String shown, Path directory, IOException failure) {
    return new RefusedException(
        shown
            + " can't be copied aside to '"
            + directory
            + "': "
            + NamedFailure.reason(failure)
            + "; TMPDIR names another directory",
        failure);
  }

  /**
   * The same of a stream of buffers; each is closed.
   *
   * @param bytes in order
   * @param directory where there is room
   * @param threads on which the copy is written and read
   */
  public static Mono<FileContent> spooled(
      Publisher<OwnedBuffer> bytes, Path directory, FileThreads threads) {
    return threads
        .call(() -> spool(COPY, directory))
        .flatMap(
            channel ->
                Flux.from(bytes)
                    .concatMap(owned -> threads.call(() -> append(channel, owned, directory)), 1)
                    .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
                    .then(threads.call(() -> new FileContent(COPY, channel, threads, null)))
                    .doOnError(e -> closeQuietly(channel))
                    .doOnCancel(() -> closeQuietly(channel)));
  }

  private static FileChannel spool(String shown, Path directory) {
    try {
      return FileChannel.open(
          Files.createTempFile(directory, "rkcp-", ".spool"),
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE,
          LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw unspooled(shown, directory, e);
    }
  }

  private static boolean append(FileChannel channel, OwnedBuffer owned, Path directory) {
    try (owned) {
      ByteBuffer buffer = owned.buffer();
      int end = buffer.limit();
      while (buffer.position() < end) {
        buffer.limit(Math.min(end, buffer.position() + MOST_AT_ONCE));
        channel.write(buffer);
      }
      return true;
    } catch (IOException e) {
      throw unspooled(COPY, directory, e);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // The failure that led here is the one to tell.
      return;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return threads.call(() -> fill(Objects.checkIndex(offset, size + 1), target));
  }

  @Override
  public Mono<Long> read(long offset, List<ByteBuffer> targets) {
    return threads.call(
        () -> {
          long next = Objects.checkIndex(offset, size + 1);
          for (ByteBuffer target : targets) {
            next += fill(next, target);
          }
          return next - offset;
        });
  }

  private int fill(long offset, ByteBuffer target) throws IOException {
    int wanted = (int) Math.min(target.remaining(), size - offset);
    int limit = target.limit();
    int filled = 0;
    while (filled < wanted) {
      target.limit(target.position() + Math.min(wanted - filled, MOST_AT_ONCE));
      int count = read(target, offset + filled);
      if (count < 0) {
        throw changed("it ends at " + channel.size() + " now");
      }
      filled += count;
    }
    target.limit(limit);
    if (offset + filled == size) {
      requireUnchanged();
    }
    return filled;
  }

  private int read(ByteBuffer target, long offset) throws IOException {
    try {
      return channel.read(target, offset);
    } catch (IOException e) {
      throw path == null ? e : NamedFailure.of(path, e);
    }
  }

  /** Asked with the last bytes: whoever reads all of a file learns whether it stood still. */
  private void requireUnchanged() throws IOException {
    if (channel.size() != size) {
      throw changed("it has " + channel.size() + " now");
    }
    if (path == null || !Files.exists(path)) {
      return;
    }
    BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
    // Another file put in its place does not harm: the one that was opened is still being read.
    if (Objects.equals(now.fileKey(), key) && !now.lastModifiedTime().equals(modified)) {
      throw changed("it was written to");
    }
  }

  private RefusedException changed(String how) {
    return new RefusedException(
        shown + " changed while it was read: it had " + size + " bytes, " + how);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return shown + ", " + size + " bytes";
  }
}
