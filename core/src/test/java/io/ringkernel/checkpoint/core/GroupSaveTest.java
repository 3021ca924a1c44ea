package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StallBudgetException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** What becomes of a kernel's part, also when the part of another fails. */
@Timeout(120)
class GroupSaveTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final CutKernel left = new CutKernel("left");
  private final CutKernel right = new CutKernel("right");

  @AfterEach
  void whatWasCapturedIsClosed() {
    Patience.until("it is closed", () -> left.open.get() == 0 && right.open.get() == 0);
  }

  private Mono<GroupReceipt> save() {
    return save(GroupRequest.of("g"));
  }

  private Mono<GroupReceipt> save(GroupRequest request) {
    return checkpointer.groups().save(request, List.of(left, right));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allAreToldTheCutWhichIsLaterThanTheirOwnTime(boolean isLeftAhead) {
    long hour = Duration.ofHours(1).toNanos() / 1000;
    HlcTimestamp ahead = new HlcTimestamp(Instants.micros(Instant.now()) + hour, 5, 1);
    (isLeftAhead ? left : right).hlc = ahead;

    GroupReceipt receipt = save().block(LONG);

    assertThat(receipt.cut()).isGreaterThan(ahead);
    assertThat(left.resumed).containsExactly(receipt.cut());
    assertThat(right.resumed).containsExactly(receipt.cut());
  }

  @Test
  void aKernelThatHadToWaitForAnotherForTooLongIsOverItsBudget() {
    Duration budget = Duration.ofMillis(100);
    right.quiescing = Mono.delay(budget.multipliedBy(3)).then();

    assertThatThrownBy(
            () -> save(GroupRequest.of("g").stallBudget(budget, OverBudget.REFUSE)).block(LONG))
        .isInstanceOf(GroupException.class)
        .hasCauseInstanceOf(StallBudgetException.class);
    assertThat(StoreFixture.names(checkpointer)).isEmpty();
  }

  @Test
  void whatIsCommittedIsRemovedAgainWhenTheGroupCanNotBe() {
    storage.before(
        call -> call.operation().equals("save") && call.name().equals("taken"),
        () -> checkpointer.save("taken", TestStates.of("third", 1)).block(LONG));

    assertThatThrownBy(() -> save(GroupRequest.of("g").named("taken").onlyIfAbsent()).block(LONG))
        .isInstanceOf(AlreadyExistsException.class);

    assertThat(StoreFixture.names(checkpointer)).containsExactly("taken");
  }

  @Test
  void nothingIsLeftOfAGroupWhoseManifestIsRefused() {
    storage.failWhen(call -> call.name().equals("cut") && call.savesEntry(), Fault.REFUSE);

    assertThatThrownBy(() -> save(GroupRequest.of("g").named("cut")).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);

    assertThat(StoreFixture.names(checkpointer)).isEmpty();
    assertThat(store.count("cut")).as("its placeholder is gone").isZero();
  }

  @Test
  void allOthersRunOnAndWhatWasCapturedIsClosedWhenOneThrowsWhereItIsToRunOn() {
    left.throwing = new IllegalStateException("stuck");
    right.capturing = Mono.error(new IllegalStateException("broken"));

    assertThatThrownBy(() -> save().block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("stuck"));

    assertThat(left.open).hasValue(0);
    assertThat(right.resumed).hasSize(1);
  }

  private static boolean commits(ScriptedStorage.Call call, CutKernel kernel) {
    return call.commits() && call.name().equals(StoreNames.head(kernel.kernelId()));
  }

  @Test
  void whatIsJustBeingCommittedIsRemovedAgainWhenAnotherCanNotBe() {
    storage.failWhen(call -> commits(call, left), Fault.DO_AND_HANG);
    storage.before(
        call -> commits(call, right),
        () -> {
          Patience.until("the other's commit is under way", storage::isHanging);
          throw new StorageException("no room", false, null);
        });

    assertThatThrownBy(() -> save(GroupRequest.of("g").timeout(SHORT)).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no room");

    storage.heal();
    assertThat(StoreFixture.names(checkpointer)).isEmpty();
  }

  @Test
  void whatIsJustBeingCommittedIsRemovedAgainWhenTheGroupIsCancelled() throws Exception {
    storage.failWhen(call -> commits(call, left), Fault.DO_AND_HANG);
    Disposable save = save(GroupRequest.of("g").timeout(SHORT)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    save.dispose();

    Patience.until("nothing is left", () -> StoreFixture.names(checkpointer).isEmpty());
  }

  @Test
  void theMembersOfAGroupThatMayBeCommittedStay() {
    AtomicBoolean asked = new AtomicBoolean();
    storage.failWhen(
        call -> {
          if (call.name().equals("cut") && call.savesEntry()) {
            asked.set(true);
          }
          return call.name().equals("cut") && asked.get();
        },
        Fault.LOSE_ANSWER);

    assertThatThrownBy(() -> save(GroupRequest.of("g").named("cut")).block(LONG))
        .isInstanceOf(CommitStateUnknownException.class);

    storage.heal();
    assertThat(StoreFixture.names(checkpointer)).hasSize(3).contains("cut");
  }

  @Test
  void whatIsCapturedIsDroppedWhenAnotherCanNotBe() {
    right.capturing =
        Mono.fromRunnable(() -> Patience.until("the other is captured", () -> left.open.get() == 1))
            .then(Mono.error(new IllegalStateException("broken")));

    assertThatThrownBy(() -> save().block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"));

    assertThat(left.open).hasValue(0);
    assertThat(StoreFixture.names(checkpointer)).isEmpty();
  }
}
