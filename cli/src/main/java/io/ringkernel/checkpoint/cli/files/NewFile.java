package io.ringkernel.checkpoint.cli.files;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A file in the making: written under a temporary name beside its place, and moved there when it is
 * whole. Closed before that, it leaves nothing.
 *
 * <p>A link to a file is replaced, not followed; the temporary name is a new file of a name that
 * nobody can guess.
 */
public final class NewFile implements AutoCloseable {
  /** A write from heap memory goes through direct memory of its size, which the JDK then keeps. */
  private static final int MOST_AT_ONCE = 1 << 20;

  private static final Set<Path> STREAMS = Set.of(Path.of("/dev/stdout"), Path.of("/dev/stderr"));
  private static final Set<Path> DESCRIPTORS = Set.of(Path.of("/dev/fd"), Path.of("/proc/self/fd"));

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path target;

  /** Null for what is written to as it is. */
  private final @Nullable Path temporary;

  private final FileChannel channel;
  private boolean placed;

  private NewFile(Path target, @Nullable Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  /**
   * Begins a file that the user named. A device or a pipe is written to and not replaced. {@link
   * StandardOutput} is not for here: it has its own stream.
   *
   * @param target where it will be; a directory there is refused
   */
  public static NewFile at(Path target) throws IOException {
    if (isDevice(target)) {
      try {
        return new NewFile(target, null, FileChannel.open(target, StandardOpenOption.WRITE));
      } catch (IOException e) {
        throw NamedFailure.of(target, e);
      }
    }
    if (isDescriptor(target)) {
      throw new RefusedException(
          "'" + target + "' is no pipe and no device; name the file that it is, or /dev/stdout");
    }
    return replacing(target);
  }

  /** Neither a file nor a directory, nor a link to one. */
  private static boolean isDevice(Path target) {
    try {
      return Files.readAttributes(target, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      // Nothing is there, or nothing that could be written to.
      return false;
    }
  }

  /**
   * A name of what this process has open. A file among them may be one of the Java installation's,
   * which nobody handed over; it is never written to.
   */
  private static boolean isDescriptor(Path target) {
    Path path = target.toAbsolutePath().normalize();
    Path directory = path.getParent();
    return STREAMS.contains(path) || (directory != null && DESCRIPTORS.contains(directory));
  }

  /**
   * Begins a file that takes the place of whatever is there.
   *
   * @param target where it will be; a directory there is refused
   */
  static NewFile replacing(Path target) throws IOException {
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      throw new RefusedException("'" + target + "' is a directory; name a file");
    }
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    Path temporary = target.resolveSibling(".rkcp-" + HexFormat.of().formatHex(random) + ".part");
    try {
      FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      return new NewFile(target, temporary, channel);
    } catch (IOException e) {
      throw NamedFailure.of(target, e);
    }
  }

  /**
   * Writes a whole file, and waits for it.
   *
   * @param target where; what was there is replaced
   * @param bytes all of them
   * @return {@code target}
   */
  public static Path write(Path target, byte[] bytes) throws IOException {
    try (NewFile file = at(target)) {
      file.append(bytes);
      file.place();
    }
    return target;
  }

  /** Where it will be. */
  public Path target() {
    return target;
  }

  /**
   * Appends bytes; each buffer is closed. Reading goes on while the bytes before are written.
   *
   * @param bytes in order
   * @param threads on which they are written
   * @return how many there were
   */
  public Mono<Long> write(Publisher<OwnedBuffer> bytes, FileThreads threads) {
    return Flux.from(bytes)
        .concatMap(owned -> threads.call(() -> append(owned)), 1)
        .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
        .reduce(0L, Math::addExact);
  }

  /**
   * Appends bytes and waits for it.
   *
   * @param bytes all of them
   */
  public void append(byte[] bytes) throws IOException {
    long written = append(OwnedBuffer.unpooled(ByteBuffer.wrap(bytes)));
    assert written == bytes.length;
  }

  private long append(OwnedBuffer owned) throws IOException {
    try (owned) {
      ByteBuffer buffer = owned.buffer();
      int end = buffer.limit();
      long count = buffer.remaining();
      while (buffer.position() < end) {
        buffer.limit(Math.min(end, buffer.position() + MOST_AT_ONCE));
        channel.write(buffer);
      }
      return count;
    } catch (IOException e) {
      throw NamedFailure.of(target, e);
    }
  }

  /** Ends the writing: all of it is on stable media; idempotent. */
  void seal() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    try {
      if (temporary != null) {
        channel.force(true);
      }
      channel.close();
    } catch (IOException e) {
      throw NamedFailure.of(target, e);
    }
  }

  /** Puts it in its place, on stable media, instead of what was there. */
  public void place() throws IOException {
    move();
    forceDirectory();
  }

  /** Puts it in its place; only {@link #forceDirectory} makes that last. */
  void move() throws IOException {
    seal();
    try {
      if (temporary != null) {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      throw NamedFailure.of(target, e);
    }
    placed = true;
  }

  /** The names in the directory are on stable media, where a system can say so. */
  void forceDirectory() {
    Path directory = target.toAbsolutePath().getParent();
    try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
      names.force(true);
    } catch (IOException e) {
      // Windows opens no directory; the file itself is there and whole.
      return;
    }
  }

  /** Leaves nothing behind unless it was placed; idempotent. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (temporary != null && !placed) {
      Files.deleteIfExists(temporary);
    }
  }
}
