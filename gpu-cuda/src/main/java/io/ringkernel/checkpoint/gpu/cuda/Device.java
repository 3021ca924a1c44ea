package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What one kernel needs of its device, made before the kernel runs and owned until it is closed:
 * pinned buffers for both directions, room for a shadow, and what copies and compares within the
 * device.
 */
final class Device {
  private final NativeStack contextOwner = new NativeStack();
  private final NativeStack owner = new NativeStack();
  private final State state;
  private final CudaOptions options;
  private final DriverThreads threads;
  private final StateMover mover;
  private final ShadowRoom shadows;
  private final Ring out;
  private final Ring in;
  private final ReadBuffers readBuffers;
  private final UseCount uses = new UseCount();

  /**
   * Makes everything, on the calling thread; when something fails, what was made is given back.
   *
   * @param context given back with the device, or at once when this fails
   * @param enter makes it current on this thread
   */
  Device(
      KernelDescriptor descriptor,
      CudaOptions options,
      State state,
      Context context,
      DriverThreads threads,
      Runnable enter) {
    this.state = state;
    this.options = options;
    this.threads = threads;
    Mover wanted = Mover.of(descriptor, options, context.multiprocessors());
    contextOwner.own(context::release);
    try {
      enter.run();
      out = ring();
      in = ring();
      readBuffers = new ReadBuffers(options.ringBufferSize(), options.ringBuffers(), threads);
      mover = new StateMover(wanted, context.multiprocessors(), options, state, threads, owner);
      // Last: what it does not find room for is not missed by anything else.
      shadows = ShadowRoom.make(state, options, mover.by(), owner);
    } catch (RuntimeException e) {
      DriverException unused = close(enter);
      throw e;
    }
  }

  private Ring ring() {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < options.ringBuffers(); i++) {
      lanes.add(new Lane(options.ringBufferSize(), options.timeout(), owner));
    }
    return new Ring(lanes, options.ringBufferSize(), threads);
  }

  State state() {
    return state;
  }

  /** What is done within it. */
  StateMover mover() {
    return mover;
  }

  DriverThreads threads() {
    return threads;
  }

  /** Copies to the device take turns on it. */
  Ring in() {
    return in;
  }

  /** What content is read into, before it is copied to the device. */
  ReadBuffers readBuffers() {
    return readBuffers;
  }

  /**
   * Completes when nobody uses something any more that nobody may begin to use; or when the driver
   * keeps somebody for so long that it may be for ever.
   */
  Mono<Void> drained(UseCount by) {
    return threads.guarded(by.shut());
  }

  /** Entered by every capture, until its checkpoint is closed, and by every restore. */
  UseCount uses() {
    return uses;
  }

  /** The most blocks that can be compared; 0 when none can. */
  long comparableBlocks() {
    return mover.comparableBlocks();
  }

  /** What is lent out: pinned buffers and the shadow. */
  int open() {
    return out.open() + in.open() + shadows.open();
  }

  /** Room for a copy of the state. */
  ShadowRoom shadows() {
    return shadows;
  }

  /** Device memory as content, read while {@code by} may be entered. */
  ChunkContent content(
      long address, long size, UseCount by, Failures failures, RegionContent.Check check) {
    return new RegionContent(out, address, size, by, failures, check);
  }

  /**
   * Goes on, on a driver thread, when nothing of what failed earlier is under way any more: it may
   * still write to the shadow, or to the kernel's own memory.
   */
  Mono<Void> settled() {
    return threads.call(
        attempt -> {
          if (in.isUnsettled()) {
            attempt.enter();
            in.settle();
          }
          mover.settle(attempt);
          return null;
        });
  }

  /** Before the kernel stands still: tells the device what to copy and to compare with. */
  Mono<Void> prepare(@Nullable Shadow aside, @Nullable Comparison comparison, UseCount by) {
    ByteBuffer work = mover.work(aside, comparison);
    return work == null ? Mono.empty() : upload(mover.table().address(), work, by);
  }

  private Mono<Void> upload(long to, ByteBuffer bytes, UseCount by) {
    int piece = in.pieceSize();
    int pieces = (int) (((long) bytes.remaining() + piece - 1) / piece);
    return Flux.range(0, pieces)
        .flatMapDelayError(
            i -> {
              int at = i * piece;
              int length = Math.min(piece, bytes.remaining() - at);
              return in.copyOwnIn(bytes.slice(at, length), to + at, by);
            },
            in.lanes(),
            1)
        .then();
  }

  /** After a comparison: what the device found. */
  Mono<Verdict> verdict(Comparison comparison, UseCount by, Failures failures) {
    WorkTable from = mover.table();
    int blocks = comparison.base().length / WorkTable.FINGERPRINT;
    ByteBuffer fresh = ByteBuffer.allocate(comparison.base().length);
    ByteBuffer changed = ByteBuffer.allocate(blocks);
    return content(from.fresh(), fresh.capacity(), by, failures, (offset, length) -> {})
        .read(0, fresh)
        .then(
            Mono.defer(
                () ->
                    content(from.changed(), blocks, by, failures, (offset, length) -> {})
                        .read(0, changed)))
        .then(Mono.fromSupplier(() -> new Verdict(comparison, fresh.array(), changed.array())));
  }

  /**
   * Gives everything back, on the calling thread, which may have to wait for running kernels.
   *
   * @param enter makes the context current on this thread
   * @return what could not be given back, or null
   */
  @Nullable DriverException close(Runnable enter) {
    // As with every object that is given back: one failure may be an earlier one's echo.
    DriverException entering = NativeStack.twice(enter::run);
    DriverException objects = entering == null ? owner.close() : entering;
    DriverException last = contextOwner.close();
    return objects == null ? last : objects;
  }
}
