package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/**
 * A kernel that writes down what a cut does with it, and does it as it is told to; also where it
 * stands.
 */
final class CutKernel implements QuiescableKernel, QuiescedKernel {
  /** The time that it was told with each call to let it run on. */
  final List<HlcTimestamp> resumed = new CopyOnWriteArrayList<>();

  /** Captures that are not closed. */
  final AtomicInteger open = new AtomicInteger();

  volatile Mono<Void> quiescing = Mono.empty();
  volatile Mono<Void> capturing = Mono.empty();
  volatile Mono<Void> restoring = Mono.empty();
  volatile Mono<Void> resuming = Mono.empty();

  /** What {@link #resume} throws, without giving anything; null when it does not. */
  volatile RuntimeException throwing;

  /** Its time where it stands. */
  volatile HlcTimestamp hlc = HlcTimestamp.ZERO;

  /** Whether it stands when it has come to a stop, as it must. */
  volatile boolean stands = true;

  volatile boolean restored;
  private final String id;

  CutKernel(String id) {
    this.id = id;
  }

  @Override
  public String kernelId() {
    return id;
  }

  @Override
  public String kernelType() {
    return TestStates.TYPE;
  }

  @Override
  public Mono<Checkpoint> createCheckpoint() {
    return Mono.defer(() -> capturing).then(Mono.fromSupplier(this::capture));
  }

  private Checkpoint capture() {
    open.incrementAndGet();
    Checkpoint state = TestStates.of(id, 1);
    CheckpointBuilder captured =
        Checkpoint.builder(state.metadata())
            .capture(new CaptureReport(Duration.ZERO, CaptureReport.Mode.SHADOW, List.of()))
            .onRelease(Mono.fromRunnable(open::decrementAndGet));
    state.chunks().forEach(captured::chunk);
    return captured.build();
  }

  @Override
  public Mono<Void> restoreFromCheckpoint(Checkpoint checkpoint) {
    return Mono.defer(() -> restoring).doOnSuccess(done -> restored = true);
  }

  @Override
  public Mono<QuiescedKernel> quiesce() {
    return Mono.defer(() -> quiescing)
        .then(Mono.defer(() -> stands ? Mono.just(this) : Mono.empty()));
  }

  @Override
  public HlcTimestamp hlc() {
    return hlc;
  }

  @Override
  public Mono<Void> resume(HlcTimestamp cut) {
    if (throwing != null) {
      throw throwing;
    }
    return Mono.defer(
        () -> {
          resumed.add(cut);
          return resuming;
        });
  }
}
