package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Removal in a storage whose deletes of a version may delete another. */
@Timeout(120)
class NameClearerTest {
  private static final String NOTE =
      new String(ClearingNote.of("a version").encode(), StandardCharsets.UTF_8);

  private final ScriptedStorage storage = new ScriptedStorage(new HidingStorage());
  private final Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private static Predicate<Call> deleting(String name) {
    return call -> call.operation().equals("delete") && call.name().equals(name);
  }

  private Mono<SaveReceipt> save(String name) {
    return checkpointer.save(name, TestStates.of("fdtd", 1));
  }

  @Test
  void leavesNothingUnderTheName() {
    save("a").block(LONG);

    assertThat(checkpointer.delete("a").block(LONG)).isTrue();

    assertThat(storage.exists("a").block(LONG)).isFalse();
    assertThat(checkpointer.delete("a").block(LONG)).isFalse();
    save("a").block(LONG);
  }

  @Test
  void takesOneCallWhereADeleteIsExact() {
    ScriptedStorage exact = new ScriptedStorage(CheckpointStorages.open("memory:"));
    Checkpointer other = Checkpointer.builder(exact).parallelism(1).build();
    other.save("a", TestStates.of("fdtd", 1)).block(LONG);
    exact.heal();

    other.delete("a").block(LONG);

    assertThat(exact.count("save", "a")).isZero();
    assertThat(exact.count("delete", "a")).isEqualTo(1);
    other.close().block(LONG);
    exact.close().block(LONG);
  }

  @Test
  void aSaveWaitsALittleForWhatIsJustBeingRemoved() {
    storage.put("a", NOTE);
    int[] looks = {0};
    storage.before(
        call -> call.operation().equals("read") && call.name().equals("a") && ++looks[0] == 3,
        () -> storage.delete("a", null).block(LONG));

    save("a").block(LONG);

    assertThat(StoreFixture.names(checkpointer)).containsExactly("a");
  }

  @Test
  void aNameWhoseRemoverDiedIsNothingToReadersAndNotGivenForADay() {
    save("a").block(LONG);
    storage.failWhen(deleting("a"), Fault.FAIL);
    assertThat(checkpointer.delete("a").block(LONG)).isTrue();
    storage.heal();

    assertThat(checkpointer.list("").collectList().block(LONG)).isEmpty();
    assertThatThrownBy(() -> checkpointer.info("a").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(checkpointer.verifyHeads().collectList().block(LONG))
        .allSatisfy(head -> assertThat(head.finding()).isNull());
    List<String> removed =
        checkpointer.collect(AT_ONCE).block(LONG).removed().stream()
            .map(one -> one.id().hex())
            .toList();
    assertThat(removed).hasSize(1);
    storage.heal();
    assertThatThrownBy(() -> save("a").block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'a'")
        .hasMessageContaining("is just being removed")
        .matches(e -> ((StorageException) e).isTransient());
    assertThat(storage.count("save", StoreNames.OBJECTS)).isZero();
    save("b").block(LONG);
  }

  @Test
  void aRemovalThatHasBegunGoesOnWhenNobodyWaitsForIt() {
    save("a").block(LONG);
    Disposable.Swap removal = Disposables.swap();
    storage.before(deleting("a"), removal::dispose);

    removal.update(checkpointer.delete("a").subscribe());

    Patience.until("it is removed", () -> !storage.exists("a").block(LONG));
    assertThat(removal.isDisposed()).isTrue();
  }

  @Test
  void aRemovalThatIsRefusedRemovesNothing() {
    save("a").block(LONG);
    storage.before(
        call -> call.operation().equals("save") && call.name().equals("a"),
        () -> checkpointer.tag("a", "kept").block(LONG));

    assertThatThrownBy(() -> checkpointer.delete("a").block(LONG)).matches(Failures::isRefusal);

    assertThat(checkpointer.verify("a", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void aRemovalGoesOnThoughTheAnswerToItsNoteIsLost() {
    save("a").block(LONG);
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().equals("a"), Fault.LOSE_ANSWER);

    assertThat(checkpointer.delete("a").block(LONG)).isTrue();

    assertThat(storage.exists("a").block(LONG)).isFalse();
  }

  @Test
  void aRemovalWhoseNoteIsNotWrittenFailsAsThatDoes() {
    save("a").block(LONG);
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().equals("a"), Fault.FAIL);

    assertThatThrownBy(() -> checkpointer.delete("a").block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessage("save a");

    assertThat(StoreFixture.names(checkpointer)).containsExactly("a");
  }

  @Test
  void aDamagedNoteInThePlaceOfAFolderIsNoRemovalToWaitFor() {
    storage.put("a", NOTE.replace("cleared", "clearex"));

    assertThatThrownBy(() -> save("a/b").block(LONG))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("there is 'a'");
  }

  @Test
  void theEndComesAfterARemovalThatHasBegun() throws InterruptedException {
    CheckpointStorage place = HidingStorage.open("hiding:the-end-comes-after-a-removal");
    ScriptedStorage closing =
        new ScriptedStorage(HidingStorage.open("hiding:the-end-comes-after-a-removal"));
    Checkpointer other = Checkpointer.builder(closing).parallelism(1).build();
    other.save("a", TestStates.of("fdtd", 1)).block(LONG);
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    closing.before(
        deleting("a"),
        () -> {
          begun.countDown();
          // It is not closed by then.
          await(closed, Duration.ofMillis(300));
        });

    var removal = other.delete("a").materialize().toFuture();
    begun.await();
    other.close().then(closing.close()).doFinally(signal -> closed.countDown()).block(LONG);

    assertThat(removal.join().getThrowable()).isInstanceOf(ClosedException.class);
    assertThat(place.exists("a").block(LONG)).isFalse();
    place.close().block(LONG);
  }

  private static void await(CountDownLatch latch, Duration atMost) {
    try {
      latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
