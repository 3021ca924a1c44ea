package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Many waits, one timer, and nobody who is late is forgotten. */
@Timeout(60)
class DeadlinesTest {
  private static final Duration SOON = Duration.ofMillis(20);

  private final AtomicInteger timers = new AtomicInteger();
  private final Thread tester = Thread.currentThread();

  @BeforeEach
  void countTimers() {
    Schedulers.onScheduleHook(
        "deadlines",
        task -> {
          if (Thread.currentThread() == tester) {
            timers.incrementAndGet();
          }
          return task;
        });
  }

  @AfterEach
  void countNoMore() {
    Schedulers.resetOnScheduleHook("deadlines");
  }

  @Test
  void setsOneTimerForAllWhoWaitOneAfterTheOtherAndAtOnce() {
    Deadlines deadlines = new Deadlines(Bytes.LONG);
    for (int i = 0; i < 1000; i++) {
      Disposable outer = deadlines.after(Bytes.LONG.multipliedBy(2), () -> {});
      deadlines.after(Bytes.LONG, () -> {}).dispose();
      outer.dispose();
    }
    assertThat(timers).hasValue(1);
    deadlines.dispose();
  }

  @Test
  void tellsWhoeverIsLateAndNobodyWhoIsNot() {
    Deadlines deadlines = new Deadlines(SOON);
    Queue<String> late = new ConcurrentLinkedQueue<>();
    deadlines.after(SOON.multipliedBy(5), () -> late.add("third"));
    deadlines.after(SOON, () -> late.add("first"));
    deadlines.after(SOON.multipliedBy(3), () -> late.add("second"));
    deadlines.after(SOON.multipliedBy(2), () -> late.add("never")).dispose();
    Patience.until("all are told", () -> late.size() == 3);
    assertThat(late).containsExactlyInAnyOrder("first", "second", "third");
  }

  /** The timer is set for a later time, and then somebody has less patience. */
  @Test
  void comesInTimeForAShorterLimitThanAny() {
    Deadlines deadlines = new Deadlines(Bytes.LONG);
    AtomicBoolean told = new AtomicBoolean();
    Disposable longer = deadlines.after(Bytes.LONG, () -> {});
    deadlines.after(SOON, () -> told.set(true));
    Patience.until("it is told", told::get);
    longer.dispose();
    deadlines.dispose();
  }

  @Test
  void watchesAgainAfterNobodyWaited() {
    Deadlines deadlines = new Deadlines(SOON);
    for (int i = 0; i < 3; i++) {
      deadlines.after(SOON, () -> {}).dispose();
      AtomicBoolean told = new AtomicBoolean();
      deadlines.after(SOON, () -> told.set(true));
      Patience.until("it is told", told::get);
    }
  }

  /** As when Reactor's schedulers are replaced. */
  @Test
  void isNotSilencedByATimerThatNeverComes() {
    Deadlines deadlines = new Deadlines(SOON);
    VirtualTimeScheduler.getOrSet();
    try {
      deadlines.after(SOON, () -> {}).dispose();
    } finally {
      VirtualTimeScheduler.reset();
    }
    AtomicBoolean told = new AtomicBoolean();
    Patience.until(
        "who waits later is told",
        () -> {
          deadlines.after(SOON, () -> told.set(true));
          return told.get();
        });
  }

  @Test
  void endsAWaitThatIsNotOverAndLeavesOneAloneThatIs() {
    Deadlines deadlines = new Deadlines(SOON);
    AtomicBoolean cancelled = new AtomicBoolean();
    Mono<String> never = Mono.<String>never().doOnCancel(() -> cancelled.set(true));
    assertThat(deadlines.within(SOON, never, Mono.just("late")).block(Bytes.LONG))
        .isEqualTo("late");
    assertThat(cancelled).isTrue();
    assertThat(deadlines.within(SOON, Mono.just("there"), Mono.just("late")).block(Bytes.LONG))
        .isEqualTo("there");
    assertThat(deadlines.within(SOON, Mono.empty(), Mono.just("late")).block(Bytes.LONG)).isNull();
  }

  @Test
  void setsNoTimerBeforeSomebodyWaits() {
    Mono<String> limited = new Deadlines(SOON).within(SOON, Mono.just("there"), Mono.empty());
    assertThat(timers).hasValue(0);
    assertThat(limited.block(Bytes.LONG)).isEqualTo("there");
    assertThat(timers).hasValue(1);
  }
}
