package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.kernel.QuiescedKernel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** One kernel's part in the restore of its group: what is open, and what stands still. */
final class RestoringMember {
  final QuiescableKernel kernel;
  final GroupManifest.Member member;
  final AtomicReference<@Nullable Checkpoint> checkpoint = new AtomicReference<>();
  volatile boolean restored;
  volatile Duration stall = Duration.ZERO;
  private long quiescedAt;
  private @Nullable QuiescedKernel quiesced;
  private boolean ended;

  RestoringMember(QuiescableKernel kernel, GroupManifest.Member member) {
    this.kernel = kernel;
    this.member = member;
  }

  /** One that comes to a stop when it is over runs on at once. */
  synchronized void stands(QuiescedKernel standing) {
    quiescedAt = System.nanoTime();
    quiesced = standing;
    if (ended) {
      // Its failure has nobody to be told to any more and goes to Reactor's log.
      Mono.defer(() -> standing.resume(HlcTimestamp.ZERO)).subscribe();
    }
  }

  synchronized QuiescedKernel standing() {
    if (quiesced == null) {
      throw new IllegalStateException("it does not stand still");
    }
    return quiesced;
  }

  /** What is opened when it is over is closed at once. */
  synchronized void opened(Checkpoint opened) {
    checkpoint.set(opened);
    if (ended) {
      opened.close();
    }
  }

  synchronized @Nullable QuiescedKernel end() {
    ended = true;
    Checkpoint opened = checkpoint.get();
    if (opened != null) {
      opened.close();
    }
    return quiesced;
  }

  synchronized void runs() {
    stall = Duration.ofNanos(System.nanoTime() - quiescedAt);
  }
}
