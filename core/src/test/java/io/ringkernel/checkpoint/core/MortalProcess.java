package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.format.CheckpointCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * A process that works on a store in memory, and dies now and then in the middle of something; then
 * another takes its place.
 */
final class MortalProcess implements AutoCloseable {
  static final int BLOCK = 4096;
  static final Duration LEASE = Duration.ofMillis(100);

  private final Random random;
  private final String uri = "memory:" + UUID.randomUUID();
  private final CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build();
  private final List<String> history = new ArrayList<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private ScriptedStorage storage;
  private Checkpointer checkpointer;

  /**
   * @param random decides when it dies
   */
  MortalProcess(Random random) {
    this.random = random;
    begin();
  }

  private void begin() {
    storage = new ScriptedStorage(uri);
    checkpointer = Checkpointer.builder(storage).codec(codec).blockSize(BLOCK).lease(LEASE).build();
  }

  Checkpointer checkpointer() {
    return checkpointer;
  }

  ScriptedStorage storage() {
    return storage;
  }

  /** Takes a note of what happens. */
  void note(String what) {
    history.add(what);
  }

  /** The last of what happened, a line for each. */
  String told() {
    return String.join("\n  ", history.subList(Math.max(0, history.size() - 60), history.size()));
  }

  /** How often it did what, by the first word of it. */
  Map<String, Integer> counts() {
    return counts;
  }

  /** Does something, or dies while doing it; whether it is known to be done. */
  boolean perform(String what, Function<Checkpointer, Mono<?>> work) {
    counts.merge(what.substring(0, what.indexOf(' ')), 1, Integer::sum);
    if (random.nextInt(8) != 0) {
      note(what);
      noteDecisions(work.apply(checkpointer).block(LONG));
      return true;
    }
    int n = random.nextInt(20);
    ScriptedStorage.Fault fault =
        random.nextBoolean() ? ScriptedStorage.Fault.HANG : ScriptedStorage.Fault.DO_AND_HANG;
    note(what + ", " + fault + " at call " + n);
    return dieAt(n, fault, work);
  }

  private void noteDecisions(Object done) {
    if (done instanceof PruneReport report) {
      report
          .decisions()
          .forEach(
              one -> note("  " + one.checkpoint().name() + " is " + one.fate() + one.reasons()));
    }
  }

  private boolean dieAt(int n, ScriptedStorage.Fault fault, Function<Checkpointer, Mono<?>> work) {
    CountDownLatch ended = new CountDownLatch(1);
    Throwable[] failure = new Throwable[1];
    storage.failAt(n, Integer.MAX_VALUE - n, fault, true);
    Disposable dying =
        work.apply(checkpointer)
            .subscribe(
                done -> {},
                error -> {
                  failure[0] = error;
                  ended.countDown();
                },
                ended::countDown);
    boolean done = endedBeforeItHangs(ended);
    // What it does while it is cancelled is not answered either, as that of a dead process.
    dying.dispose();
    end();
    begin();
    assertThat(failure[0]).isNull();
    return done;
  }

  private boolean endedBeforeItHangs(CountDownLatch ended) {
    try {
      for (int i = 0; i < 30_000; i++) {
        if (ended.await(1, TimeUnit.MILLISECONDS)) {
          return true;
        }
        if (storage.isHanging()) {
          return false;
        }
      }
      throw new AssertionError("neither ended nor hanging");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A call before the one that hangs may still be under way; afterwards it is not. */
  private void end() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @Override
  public void close() {
    end();
    codec.close();
  }
}
