package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How often the commit of a group is tried, and what is told of its end. */
@Timeout(60)
class GroupCommitAttemptsTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private static boolean commits(Call call) {
    return call.name().equals("cut") && call.savesEntry();
  }

  /** The n-th of the commit's attempts. */
  private static Predicate<Call> attempt(int n) {
    AtomicInteger seen = new AtomicInteger();
    return call -> commits(call) && seen.incrementAndGet() == n;
  }

  private long attempts() {
    return storage.calls.stream().filter(GroupCommitAttemptsTest::commits).count();
  }

  private GroupReceipt save() {
    GroupRequest request = GroupRequest.of("g").named("cut").onlyIfAbsent();
    return checkpointer.groups().save(request, List.of(new CutKernel("left"))).block(LONG);
  }

  private void saveAnother() {
    checkpointer.save("cut", TestStates.of("another", 1)).block(LONG);
  }

  @Test
  void areNoMoreOnceItIsThere() {
    storage.failWhen(attempt(1), Fault.LOSE_ANSWER);

    save();

    assertThat(attempts()).isEqualTo(1);
    assertThat(StoreFixture.names(checkpointer)).hasSize(2).contains("cut");
  }

  @Test
  void areAFewWhereNoneIsAnswered() {
    storage.failWhen(GroupCommitAttemptsTest::commits, Fault.FAIL);

    assertThatThrownBy(this::save).isInstanceOf(CommitStateUnknownException.class);

    assertThat(attempts()).isEqualTo(Again.MOST_LOST_ANSWERS);
  }

  @Test
  void endWithAFailureThatWillNotPassAndThatIsTold() {
    storage.refuseWhen(GroupCommitAttemptsTest::commits);

    assertThatThrownBy(this::save).isExactlyInstanceOf(StorageException.class);

    assertThat(attempts()).isEqualTo(1);
  }

  @Test
  void areOfNoAccountWhereItIsThereAllTheSame() {
    storage.refuseWhen(attempt(1), Fault.LOSE_ANSWER);

    save();

    assertThat(StoreFixture.names(checkpointer)).hasSize(2).contains("cut");
  }

  @Test
  void areDoneWhenOneIsRefusedBecauseAnEarlierOneArrived() {
    storage.failWhen(attempt(1), Fault.DO_LATE);
    storage.before(attempt(2), () -> assertThat(storage.doLate()).isTrue());

    save();

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(StoreFixture.names(checkpointer)).hasSize(2).contains("cut");
  }

  @Test
  void areAllInVainWhenOneIsRefusedBecauseOfAnother() {
    storage.failWhen(attempt(1), Fault.FAIL);
    storage.before(attempt(2), this::saveAnother);

    assertThatThrownBy(this::save).isInstanceOf(ChangedMeanwhileException.class);

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(StoreFixture.names(checkpointer)).containsExactly("cut");
  }

  @Test
  void endWhereSomebodyElseHasTheNameByThen() {
    storage.failWhen(attempt(1), Fault.FAIL);
    storage.before(
        call -> call.operation().equals("read") && call.name().equals("cut") && attempts() > 0,
        this::saveAnother);

    assertThatThrownBy(this::save).isInstanceOf(AlreadyExistsException.class);

    assertThat(storage.isStillToInterrupt()).isFalse();
  }

  @Test
  void areToldAsTheyEndedAlsoWhereThePlaceholderCanNotBeTakenBack() {
    storage.before(
        attempt(1),
        () -> {
          saveAnother();
          storage.refuseWhen(
              call -> call.operation().equals("delete") && call.name().equals("cut"));
        });

    assertThatThrownBy(this::save).isInstanceOf(ChangedMeanwhileException.class);
  }
}
