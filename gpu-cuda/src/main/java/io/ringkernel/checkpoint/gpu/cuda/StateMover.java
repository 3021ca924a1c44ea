package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What is done within a device while a kernel stands still: its state is copied aside, or what
 * differs from a base of it. One at a time, with a stream of its own.
 */
final class StateMover {
  /** Without a comparison, what a warp copies at once. */
  private static final int COPY_BLOCK = 16 << 10;

  private final State state;
  private final CudaOptions options;
  private final DriverThreads threads;
  private final CUstream stream;
  private final CUevent event;
  private final @Nullable CaptureCode code;
  private final Mover by;
  private final @Nullable WorkTable table;
  private volatile boolean moving;

  /**
   * Makes what it needs, in the current context.
   *
   * @param wanted who does it, if there is room
   * @param multiprocessors of the device
   * @param owner gives the native objects back
   */
  StateMover(
      Mover wanted,
      int multiprocessors,
      CudaOptions options,
      State state,
      DriverThreads threads,
      NativeStack owner) {
    this.state = state;
    this.options = options;
    this.threads = threads;
    stream = Driver.createStream();
    owner.own(() -> Driver.destroy(stream));
    event = Driver.createEvent();
    owner.own(() -> Driver.destroy(event));
    code = launches(wanted) ? CaptureCode.load(owner, multiprocessors, options.resident()) : null;
    by = code != null && code.room() == 0 ? noRoom() : wanted;
    table = needsTable(by) ? allocateTable(owner) : null;
  }

  private static Mover noRoom() {
    return new Mover.Nobody("the device has no room for the kernel that copies within it");
  }

  /** Whether what is compared is compared by a launch of ours. */
  private boolean launches(Mover wanted) {
    return wanted instanceof Mover.Launched && needsTable(wanted);
  }

  private boolean needsTable(Mover mover) {
    return !(mover instanceof Mover.Nobody)
        && state.shadowBytes() > 0
        && (options.fingerprints() || (mover instanceof Mover.Itself && options.shadow()));
  }

  private WorkTable allocateTable(NativeStack owner) {
    long capacity =
        options.fingerprints()
            ? Math.min(state.blocks(options.blockSize()), Integer.MAX_VALUE / WorkTable.FINGERPRINT)
            : 0;
    long address = Driver.allocate(WorkTable.size(state.regions().size(), capacity));
    owner.own(() -> Driver.free(address));
    return new WorkTable(address, state.regions().size(), capacity);
  }

  /** Who does it. */
  Mover by() {
    return by;
  }

  /** The most blocks that can be compared; 0 when none can. */
  long comparableBlocks() {
    return table == null ? 0 : table.capacity();
  }

  /** Where the device is told what to do, and answers; there is one where something is told. */
  WorkTable table() {
    return Objects.requireNonNull(table);
  }

  /** What the device must be told before a move: the table's first part; null when nothing. */
  @Nullable ByteBuffer work(@Nullable Shadow aside, @Nullable Comparison comparison) {
    boolean itself = aside != null && by instanceof Mover.Itself;
    return table == null || (comparison == null && !itself)
        ? null
        : table.describe(
            state.regions(), aside == null ? 0 : aside.address(), comparison, COPY_BLOCK);
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
   * Waits for a move that was given up and may still be under way: it reads the table and writes to
   * the shadow.
   */
  void settle(DriverThreads.Attempt attempt) {
    if (by instanceof Mover.Itself itself && itself.handshake().isCapturing()) {
      attempt.enter();
      settle(itself.handshake());
    }
    if (moving) {
      attempt.enter();
      Waiting.await(
          "an earlier copy within the device", options.timeout(), () -> Driver.isDone(stream));
      moving = false;
    }
  }

  private void settle(Handshake handshake) {
    try {
      handshake.settle();
    } catch (StuckDriverException e) {
      // The kernel may have died with its device: that is the better error.
      requireDevice();
      throw e;
    }
  }

  /** Fails with {@link DriverException} when the device is lost. */
  Mono<Void> probe() {
    return threads.runHere(this::requireDevice);
  }

  private void requireDevice() {
    boolean unused = Driver.isDone(stream);
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
    if (by instanceof Mover.Itself itself) {
      return itself.move(table(), meanwhile);
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
        .launch(state.blocks(comparison.blockSize()), stream, table().address());
  }
}
