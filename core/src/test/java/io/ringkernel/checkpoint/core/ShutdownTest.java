package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/** The end of a checkpointer that lets what is under way finish. */
@Timeout(120)
class ShutdownTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  private static final Duration AN_HOUR = Duration.ofHours(1);

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = CODEC.on(storage);
  private final StillKernel kernel = new StillKernel("fdtd", 1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void close() {
    release.countDown();
    checkpointer.close().block(LONG);
    assertThat(storage.openBuffers).hasValue(0);
    storage.close().block(LONG);
  }

  /** Holds the next such call, on a thread that may wait, until it is released. */
  private void hold(Predicate<ScriptedStorage.Call> which) {
    hold(storage, which);
  }

  private void hold(ScriptedStorage slow, Predicate<ScriptedStorage.Call> which) {
    slow.before(
        which,
        () -> {
          held.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private static boolean writesAnObject(ScriptedStorage.Call call) {
    return call.operation().equals("save") && call.name().startsWith(".rkcp/objects/");
  }

  private static <T> CompletableFuture<Signal<T>> begin(Mono<T> work) {
    return work.materialize().toFuture();
  }

  private static void assertRefused(Mono<?> work) {
    assertThatThrownBy(() -> work.block(LONG))
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void letsASaveFinishAndRefusesWhatComes() throws InterruptedException {
    hold(ShutdownTest::writesAnObject);
    var save = begin(checkpointer.save(kernel));
    held.await();

    var closed = begin(checkpointer.close(AN_HOUR));
    assertRefused(checkpointer.save(kernel));
    assertRefused(checkpointer.list("").then());
    assertThat(closed).isNotDone();
    release.countDown();

    SaveReceipt receipt = save.join().get();
    closed.join();
    Checkpointer next = CODEC.on(storage);
    assertThat(next.verify(receipt.name(), VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    next.close().block(LONG);
  }

  @Test
  void letsARestoreFinish() throws InterruptedException {
    checkpointer.save(kernel).block(LONG);
    hold(call -> call.operation().equals("read") && call.name().startsWith(".rkcp/objects/"));
    var restore = begin(checkpointer.restoreLatest(kernel));
    held.await();

    var closed = begin(checkpointer.close(AN_HOUR));
    release.countDown();

    assertThat(restore.join().isOnNext()).isTrue();
    closed.join();
    assertThat(kernel.restoredStep()).isEqualTo(1);
  }

  @Test
  void letsACopyWithinOneStoreFinish() throws InterruptedException {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    hold(call -> call.operation().equals("read") || call.operation().equals("stat"));
    var copy = begin(checkpointer.copy("a", checkpointer, CopyRequest.defaults().named("b")));
    held.await();

    var closed = begin(checkpointer.close(AN_HOUR));
    release.countDown();

    assertThat(copy.join().get().name()).isEqualTo("b");
    closed.join();
  }

  @Test
  void cancelsWhatHasNotFinishedInItsTime() throws InterruptedException {
    storage.failWhen(ShutdownTest::writesAnObject, ScriptedStorage.Fault.HANG);
    var save = begin(checkpointer.save(kernel));
    assertThat(storage.awaitHanging()).isTrue();

    checkpointer.close(Duration.ofMillis(20)).block(LONG);

    assertThat(save.join().getThrowable()).isInstanceOf(ClosedException.class);
    Patience.until("nothing waits for the storage", () -> storage.hangs.get() == 0);
  }

  @Test
  void isCutShortByAnEndWithoutPatience() throws InterruptedException {
    storage.failWhen(ShutdownTest::writesAnObject, ScriptedStorage.Fault.HANG);
    var save = begin(checkpointer.save(kernel));
    assertThat(storage.awaitHanging()).isTrue();
    var patient = begin(checkpointer.close(AN_HOUR));
    assertThat(patient).isNotDone();

    checkpointer.close().block(LONG);

    assertThat(patient.join().isOnComplete()).isTrue();
    assertThat(save.join().getThrowable()).isInstanceOf(ClosedException.class);
  }

  @Test
  void endsAtOnceWhenNothingIsUnderWay() {
    checkpointer.save(kernel).block(LONG);

    checkpointer.close(AN_HOUR).block(LONG);
    checkpointer.close(Duration.ofSeconds(Long.MAX_VALUE)).block(LONG);
    checkpointer.close(Duration.ZERO).block(LONG);

    assertRefused(checkpointer.info("a"));
  }

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    Mono<Void> unused = checkpointer.close(AN_HOUR);

    assertThat(unused).isNotNull();
    assertThat(checkpointer.save(kernel).block(LONG).sequence()).isEqualTo(1);
    assertThatThrownBy(() -> checkpointer.close(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(checkpointer.save(kernel).block(LONG).sequence()).isEqualTo(2);
  }

  @Test
  void goesOnToRefuseWhenNobodyWaitsForItAnyMore() throws InterruptedException {
    hold(ShutdownTest::writesAnObject);
    var save = begin(checkpointer.save(kernel));
    held.await();
    checkpointer.close(AN_HOUR).subscribe().dispose();

    assertRefused(checkpointer.save(kernel));
    release.countDown();
    assertThat(save.join().isOnNext()).isTrue();
  }

  @Test
  void completesPeriodicSavesAfterTheOneUnderWay() throws InterruptedException {
    hold(ShutdownTest::writesAnObject);
    var receipts = begin(checkpointer.every(Duration.ofMillis(1), kernel).collectList());
    held.await();

    var closed = begin(checkpointer.close(AN_HOUR));
    release.countDown();

    assertThat(receipts.join().get()).hasSize(1);
    closed.join();
  }

  @Test
  void waitsForNoCutThatHasNotBegun() {
    FieldPair room = new FieldPair();
    var join = begin(checkpointer.groups().join(GroupRequest.of("room"), room.left.kernel()));

    checkpointer.close(AN_HOUR).block(LONG);

    assertThat(join.join().getThrowable())
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void leavesNoThreadBehindWhenTheFarStoreCannotBeOpened() {
    try (ThreadsMade threads = new ThreadsMade()) {
      CheckpointerBuilder builder =
          Checkpointer.builder(TieredStorage.of("memory:", "nowhere:far")).parallelism(2);

      assertThatThrownBy(builder::build).hasMessageContaining("nowhere");

      Patience.until("what was made has ended", threads::haveEnded);
      assertThat(threads.made()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void leavesTheFarStoreOpenWhenItIsClosedByItself() {
    ScriptedStorage far = new ScriptedStorage("memory:");
    Checkpointer both = CODEC.on(TieredStorage.of(storage, far));
    Checkpointer second = both.tiers().orElseThrow().far();

    second.close().block(LONG);
    second.close(Duration.ZERO).block(LONG);
    SaveReceipt saved = both.save(kernel).block(LONG);

    FarReceipt copied = both.tiers().orElseThrow().copied(saved).block(LONG);
    assertThat(copied.outcome()).isEqualTo(FarReceipt.Outcome.COPIED);
    assertThat(second.info(saved.name()).block(LONG).name()).isEqualTo(saved.name());
    both.close().block(LONG);
    assertRefused(second.info(saved.name()));
    far.close().block(LONG);
  }

  @Test
  void copiesWhatIsToGoFarWithinTheSameTime() throws InterruptedException {
    ScriptedStorage far = new ScriptedStorage("memory:");
    TieredStorage tiers = TieredStorage.of(storage, far).finishWithin(Duration.ZERO);
    Checkpointer both = CODEC.on(tiers);
    hold(far, ShutdownTest::writesAnObject);
    SaveReceipt saved = both.save(kernel).block(LONG);
    held.await();

    var closed = begin(both.close(AN_HOUR));
    assertThat(closed).isNotDone();
    release.countDown();

    assertThat(closed.join().isOnComplete()).isTrue();
    Checkpointer alone = CODEC.on(far);
    assertThat(alone.info(saved.name()).block(LONG).name()).isEqualTo(saved.name());
    alone.close().block(LONG);
    far.close().block(LONG);
  }

  @Test
  void waitsForCopiesForEverIfAsked() {
    ScriptedStorage far = new ScriptedStorage("memory:");
    TieredStorage tiers =
        TieredStorage.of(storage, far).finishWithin(ChronoUnit.FOREVER.getDuration());
    Checkpointer both = CODEC.on(tiers);
    SaveReceipt saved = both.save(kernel).block(LONG);

    both.close().block(LONG);

    Checkpointer alone = CODEC.on(far);
    assertThat(alone.info(saved.name()).block(LONG).name()).isEqualTo(saved.name());
    alone.close().block(LONG);
    far.close().block(LONG);
  }

  @Test
  void givesUpCopiesThatTakeLonger() {
    ScriptedStorage far = new ScriptedStorage("memory:");
    Checkpointer both = CODEC.on(TieredStorage.of(storage, far).finishWithin(AN_HOUR));
    far.failWhen(ShutdownTest::writesAnObject, ScriptedStorage.Fault.HANG);
    both.save(kernel).block(LONG);

    var patient = begin(both.close(AN_HOUR));
    both.close(Duration.ofMillis(20)).block(LONG);

    assertThat(patient.join().isOnComplete()).isTrue();
    assertThat(far.hangs).hasValue(0);
    far.close().block(LONG);
  }

  @Test
  void savesEachKernelOfAGroupInTheContextOfItsSubscriber() {
    checkpointer
        .groups()
        .save("room", new FieldPair().kernels)
        .contextWrite(context -> context.put("trace", "t-1"))
        .block(LONG);

    assertThat(List.copyOf(storage.tracesOfObjects)).containsExactly("t-1", "t-1");
  }
}
