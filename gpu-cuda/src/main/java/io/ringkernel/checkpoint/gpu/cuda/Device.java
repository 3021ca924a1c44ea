package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What one kernel needs of its device, made before the kernel runs and owned until it is closed:
 * pinned buffers for both directions, a stream, room for a shadow and for fingerprints, and the
 * code that computes them.
 */
final class Device {
  /** Without a comparison, what a warp copies at once. */
  private static final int COPY_BLOCK = 16 << 10;

  private final NativeStack contextOwner = new NativeStack();
  private final NativeStack owner = new NativeStack();
  private final State state;
  private final CudaOptions options;
  private final Context context;
  private final Mover mover;
  private final DriverThreads threads;
  private final CUstream stream;
  private final CUevent event;
  private final ShadowRoom shadows;
  private final @Nullable WorkTable table;
  private final @Nullable CaptureCode code;
  private final Ring out;
  private final Ring in;
  private final ReadBuffers readBuffers;
  private final UseCount uses = new UseCount();
  private volatile boolean moving;

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
    this.context = context;
    this.threads = threads;
    Mover wanted = Mover.of(descriptor, options, context.multiprocessors());
    contextOwner.own(context::release);
    try {
      enter.run();
      stream = Driver.createStream();
      owner.own(() -> Driver.destroy(stream));
      event = Driver.createEvent();
      owner.own(() -> Driver.destroy(event));
      out = ring();
      in = ring();
      readBuffers = new ReadBuffers(options.ringBufferSize(), options.ringBuffers(), threads);
      code = launches(wanted) ? load() : null;
      mover = code != null && code.room() == 0 ? noRoom() : wanted;
      table = hasTable(mover) ? table() : null;
      // Last: what it does not find room for is not missed by anything else.
      shadows = ShadowRoom.make(state, options, mover, owner);
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

  private CaptureCode load() {
    return CaptureCode.load(owner, context.multiprocessors(), options.resident());
  }

  private static Mover noRoom() {
    return new Mover.Nobody("the device has no room for the kernel that copies within it");
  }

  /** Whether what is compared is compared by a launch of ours. */
  private boolean launches(Mover wanted) {
    return wanted instanceof Mover.Launched && hasTable(wanted);
  }

  private boolean hasTable(Mover by) {
    return !(by instanceof Mover.Nobody)
        && state.shadowBytes() > 0
        && (options.fingerprints() || (by instanceof Mover.Itself && options.shadow()));
  }

  private WorkTable table() {
    long capacity =
        options.fingerprints()
            ? Math.min(state.blocks(options.blockSize()), Integer.MAX_VALUE / WorkTable.FINGERPRINT)
            : 0;
    long address = Driver.allocate(WorkTable.size(state.regions().size(), capacity));
    owner.own(() -> Driver.free(address));
    return new WorkTable(address, state.regions().size(), capacity);
  }

  State state() {
    return state;
  }

  Mover mover() {
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
    return table == null ? 0 : table.capacity();
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

  /** Completes when everything is done that is in a stream of the caller's. */
  Mono<Void> await(CUstream other) {
    return threads.runHere(
        () -> {
          Driver.record(event, other);
          Waiting.awaitWhileItStands(
              "what was launched before", options.quiesceTimeout(), () -> Driver.isDone(event));
        });
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
          if (moving) {
            attempt.enter();
            Waiting.await(
                "an earlier copy within the device",
                options.timeout(),
                () -> Driver.isDone(stream));
            moving = false;
          }
          return null;
        });
  }

  /** Fails with {@link DriverException} when the device is lost. */
  Mono<Void> probe() {
    return threads.runHere(
        () -> {
          boolean unused = Driver.isDone(stream);
        });
  }

  /** Before the kernel stands still: tells the device what to copy and to compare with. */
  Mono<Void> prepare(@Nullable Shadow aside, @Nullable Comparison comparison, UseCount by) {
    boolean itself = aside != null && mover instanceof Mover.Itself;
    if (table == null || (comparison == null && !itself)) {
      return Mono.empty();
    }
    ByteBuffer work =
        table.describe(
            state.regions(), aside == null ? 0 : aside.address(), comparison, COPY_BLOCK);
    return upload(table.address(), work, by);
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

  /**
   * While the kernel stands still: copies its state aside, or what differs from a base of it. All
   * that can be made beforehand is made now, not when this is subscribed to.
   *
   * @param meanwhile what the host does while the device copies
   */
  Mono<Void> move(@Nullable Shadow aside, @Nullable Comparison comparison, Runnable meanwhile) {
    if (state.shadowBytes() == 0 || (aside == null && comparison == null)) {
      return Mono.fromRunnable(meanwhile);
    }
    if (mover instanceof Mover.Itself itself) {
      return itself.move(Objects.requireNonNull(table), meanwhile);
    }
    Runnable begin = comparison == null ? copy(Objects.requireNonNull(aside)) : compare(comparison);
    return threads.runHere(
        () -> {
          moving = true;
          begin.run();
          meanwhile.run();
          Waiting.awaitWhileItStands(
              "the copy within the device", options.timeout(), () -> Driver.isDone(stream));
          moving = false;
        });
  }

  private Runnable copy(Shadow aside) {
    List<Region> regions = state.regions().stream().filter(region -> region.size() > 0).toList();
    return () ->
        regions.forEach(
            region ->
                Driver.copy(
                    aside.address() + region.offset(), region.address(), region.size(), stream));
  }

  private Runnable compare(Comparison comparison) {
    return Objects.requireNonNull(code)
        .launch(
            state.blocks(comparison.blockSize()), stream, Objects.requireNonNull(table).address());
  }

  /** After a comparison: what the device found. */
  Mono<Verdict> verdict(Comparison comparison, UseCount by, Failures failures) {
    WorkTable from = Objects.requireNonNull(table);
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
