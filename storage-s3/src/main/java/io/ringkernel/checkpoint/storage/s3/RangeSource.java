package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.Range;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One read of a range, over as many requests as it takes: a connection that breaks is followed by
 * another from the byte where it broke.
 *
 * <p>Every request names the ETag, so that bytes of two contents never meet. A read of the whole
 * object is held against the service's checksum at its end.
 */
final class RangeSource {
  /** Breaks in a row that brought less than {@link #PROGRESS}; then it is told. */
  private static final int MOST_BREAKS = 4;

  private static final long PROGRESS = 1 << 20;

  private final Bucket bucket;
  private final ObjectState state;
  private final long end;
  private final boolean checksWhole;
  private final CRC32C crc = new CRC32C();
  private @Nullable ByteBuffer window;
  private @Nullable ChunkStream stream;
  private @Nullable ByteBuffer chunk;
  private Disposable checksum = Disposables.disposed();
  private volatile @Nullable String expected;
  private boolean asksForChecksum;
  private long position;
  private long brokeAt;
  private int breaks;

  RangeSource(
      Bucket bucket, ObjectState state, Range range, @Nullable Window window, boolean checked) {
    this.bucket = bucket;
    this.state = state;
    this.position = range.offset();
    this.brokeAt = position;
    this.end = range.offset() + range.length();
    this.window = window == null ? null : window.bytes().duplicate();
    boolean whole = position == 0 && end == state.object().size();
    // What came in one window was held against it when it came.
    this.checksWhole = checked && whole && (window == null || !window.isWhole());
    this.asksForChecksum = checksWhole && end > 0;
  }

  /** Whether all bytes were given. */
  boolean isExhausted() {
    return position == end;
  }

  /** Bytes that are left. */
  long remaining() {
    return end - position;
  }

  /**
   * Puts what is here into a buffer, and asks for more if that does not fill it.
   *
   * @param changed called when there may be more
   * @throws RuntimeException when nothing more will come
   */
  void fill(ByteBuffer target, Runnable changed) {
    if (!hasChecksum(changed)) {
      return;
    }
    while (target.hasRemaining()) {
      ByteBuffer from = next(changed);
      if (from == null) {
        return;
      }
      move(from, target);
    }
    if (isExhausted()) {
      close();
      requireChecksum();
    }
  }

  private void move(ByteBuffer from, ByteBuffer target) {
    int length = Math.min(from.remaining(), target.remaining());
    ByteBuffer part = from.slice(from.position(), length);
    if (checksWhole) {
      crc.update(part.duplicate());
    }
    target.put(part);
    from.position(from.position() + length);
    position += length;
  }

  private @Nullable ByteBuffer next(Runnable changed) {
    if (window != null && window.hasRemaining()) {
      return window;
    }
    while (chunk == null || !chunk.hasRemaining()) {
      ChunkStream from = stream == null ? open(changed) : stream;
      stream = from;
      boolean last = from.isEnded();
      chunk = from.poll();
      if (chunk == null && !last) {
        return null;
      }
      if (chunk == null) {
        broken(from);
      }
    }
    return chunk;
  }

  private ChunkStream open(Runnable changed) {
    String name = state.object().name();
    ChunkStream opened = new ChunkStream(name, position, changed);
    opened.open(
        bucket.get(
            name, Range.of(position, end - position), state.version().quotedEtag(), 0, opened));
    return opened;
  }

  /** A stream ended before all bytes came: the next look opens another, unless that is hopeless. */
  private void broken(ChunkStream ended) {
    stream = null;
    Throwable failure = ended.failure();
    String name = state.object().name();
    if (failure instanceof S3Exception e) {
      throw refused(name, e);
    }
    if (failure instanceof CheckpointException e) {
      throw e;
    }
    breaks = position - brokeAt >= PROGRESS ? 1 : breaks + 1;
    brokeAt = position;
    if (breaks > MOST_BREAKS) {
      throw Failures.damaged(
          name, "the connection broke " + breaks + " times at byte " + position, failure);
    }
  }

  private RuntimeException refused(String name, S3Exception failure) {
    if (failure.statusCode() == Failures.PRECONDITION_FAILED
        || failure.statusCode() == Failures.RANGE_NOT_SATISFIABLE) {
      return new ChangedMeanwhileException(name, state.object().version(), "another");
    }
    Throwable told = bucket.failures().of(name, failure);
    return told instanceof CheckpointNotFoundException || !(told instanceof RuntimeException e)
        ? new CheckpointNotFoundException(name, "it was deleted while it was read")
        : e;
  }

  /** Asks once what a whole object's checksum is, before it is read. */
  private boolean hasChecksum(Runnable changed) {
    if (asksForChecksum) {
      asksForChecksum = false;
      if (state.crc32c() != null && window == null) {
        expected = state.crc32c();
      } else {
        checksum =
            bucket
                .head(state.object().name())
                .filter(now -> now.version().etag().equals(state.version().etag()))
                .doOnNext(now -> expected = now.crc32c())
                // That it can't be told is no reason not to read.
                .onErrorResume(failure -> Mono.empty())
                .doFinally(signal -> changed.run())
                .subscribe();
      }
    }
    return checksum.isDisposed();
  }

  private void requireChecksum() {
    String wanted = expected;
    if (checksWhole && wanted != null && !wanted.equals(Checksums.base64(crc))) {
      throw Failures.damaged(
          state.object().name(), "its bytes are not those of its CRC32C " + wanted, null);
    }
  }

  /** Gives up what is open; idempotent. */
  void close() {
    checksum.dispose();
    if (stream != null) {
      stream.cancel();
      stream = null;
    }
  }
}
