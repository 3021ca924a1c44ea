package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.wire.Windows;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * A place in a frame from which decompressing goes on, so that reading a chunk piece by piece costs
 * no more than reading it at once. Owns a decompressor and a window of stored bytes; one reader at
 * a time, on the workers.
 */
final class FrameCursor implements AutoCloseable {
  private static final int SCRATCH_BYTES = 64 << 10;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final StoredFrame frame;
  private final Workbench workbench;
  private final FrameDecompressor decompressor;
  private @Nullable OwnedBuffer window;
  private long consumed;
  private long produced;
  private boolean ended;

  FrameCursor(StoredFrame frame, Workbench workbench) {
    this.frame = frame;
    this.workbench = workbench;
    this.decompressor = frame.codec().frameDecompressor();
  }

  StoredFrame frame() {
    return frame;
  }

  /** Offset in the content of the byte that comes next. */
  long offset() {
    return produced;
  }

  /** Whether all has been read. */
  boolean ended() {
    return ended;
  }

  /**
   * Decompresses the bytes before an offset and drops them.
   *
   * @param offset at least {@link #offset} and less than the content's size
   * @param unwanted asked between steps; when it says so the cursor stops early
   */
  Mono<Void> skipTo(long offset, BooleanSupplier unwanted) {
    return Mono.defer(
        () -> {
          if (produced == offset) {
            return Mono.empty();
          }
          ByteBuffer scratch =
              ByteBuffer.allocate((int) Math.min(SCRATCH_BYTES, offset - produced));
          return stepUntil(
              () -> produced == offset || unwanted.getAsBoolean(),
              () -> scratch.clear().limit((int) Math.min(scratch.capacity(), offset - produced)));
        });
  }

  /**
   * Fills a buffer with the bytes that come next. The content's last byte is given only once the
   * frame is known to end behind it.
   *
   * @param target no larger than what is left of the content
   * @param unwanted asked between steps; when it says so the cursor stops early
   */
  Mono<Void> fill(ByteBuffer target, BooleanSupplier unwanted) {
    return Mono.defer(
        () -> {
          ByteBuffer oneTooMany = ByteBuffer.allocate(1);
          return stepUntil(
              () ->
                  (produced == frame.size() ? ended : !target.hasRemaining())
                      || unwanted.getAsBoolean(),
              () -> produced == frame.size() ? oneTooMany : target);
        });
  }

  private Mono<Void> stepUntil(BooleanSupplier done, Supplier<ByteBuffer> target) {
    return Mono.defer(() -> refill().then(Mono.<Void>fromRunnable(() -> step(target.get()))))
        .repeat(() -> !done.getAsBoolean())
        .then();
  }

  private Mono<Void> refill() {
    if (stored().hasRemaining() || consumed == frame.stored().size()) {
      return Mono.empty();
    }
    return Windows.at(frame.stored(), consumed, workbench)
        .flatMap(
            next -> {
              dropWindow();
              window = next;
              return Mono.empty();
            });
  }

  private void step(ByteBuffer target) {
    ByteBuffer source = stored();
    int sourceStart = source.position();
    int targetStart = target.position();
    boolean atFrameEnd = decompress(source, target);
    int taken = source.position() - sourceStart;
    int given = target.position() - targetStart;
    consumed += taken;
    produced += given;
    if (produced > frame.size()) {
      throw frame.corrupt(
          consumed, "decompresses to more than the " + frame.size() + " bytes declared");
    }
    boolean allConsumed = consumed == frame.stored().size();
    ended = produced == frame.size() && allConsumed && atFrameEnd;
    if (taken == 0 && given == 0 && !ended) {
      throw frame.corrupt(
          consumed,
          allConsumed
              ? "ends after " + produced + " of " + frame.size() + " bytes, or within a frame"
              : "can't be decompressed any further");
    }
  }

  private boolean decompress(ByteBuffer source, ByteBuffer target) {
    try {
      return decompressor.decompress(source, target);
    } catch (CorruptCheckpointException e) {
      throw frame.corrupt(e);
    }
  }

  private ByteBuffer stored() {
    return window == null ? NOTHING : window.buffer();
  }

  private void dropWindow() {
    if (window != null) {
      window.close();
      window = null;
    }
  }

  @Override
  public void close() {
    dropWindow();
    decompressor.close();
  }
}
