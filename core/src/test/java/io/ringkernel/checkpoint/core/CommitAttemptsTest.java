package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How often a commit is tried, and what others may do in between. */
@Timeout(60)
class CommitAttemptsTest {
  private static final String KERNEL = "fdtd";
  private static final String HEAD = StoreNames.head(KERNEL);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @BeforeEach
  void saveTheFirst() {
    checkpointer.save("a", TestStates.of(KERNEL, 1)).block(LONG);
  }

  private static Predicate<Call> once(Predicate<Call> condition) {
    AtomicBoolean met = new AtomicBoolean();
    return call -> condition.test(call) && !met.getAndSet(true);
  }

  /** The answer to the next commit is a failure; before it is tried again, something happens. */
  private void failOnce(Fault how, Runnable then) {
    storage.failWhen(once(Call::commits), how);
    storage.before(
        call ->
            call.operation().equals("read")
                && call.name().equals(HEAD)
                && storage.calls.stream().anyMatch(Call::commits),
        then);
  }

  @Test
  void areSoManyWhereTheHeadIsAlwaysAnother() {
    storage.failWhen(Call::commits, Fault.REFUSE);

    assertThatThrownBy(() -> checkpointer.save("a", TestStates.of(KERNEL, 2)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);

    assertThat(storage.count("save", HEAD)).isEqualTo(Again.MOST_ATTEMPTS);
    storage.heal();
    assertThat(checkpointer.info("a").block(LONG).metadata().step()).isEqualTo(1);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
    assertThat(store.count(StoreNames.PINS)).isZero();
  }

  @Test
  void doNotCommitAgainWhatTheNextWriterHasFinished() {
    failOnce(Fault.LOSE_ANSWER, () -> checkpointer.save("b", TestStates.of(KERNEL, 3)).block(LONG));

    SaveReceipt receipt = checkpointer.save("a", TestStates.of(KERNEL, 2)).block(LONG);

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(receipt.sequence()).isEqualTo(2);
    assertThat(checkpointer.info("b").block(LONG).sequence()).isEqualTo(3);
    StillKernel kernel = new StillKernel(KERNEL, 0);
    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("b");
  }

  @Test
  void endWhereSomebodyElseHasTheNameByThen() {
    failOnce(Fault.FAIL, () -> checkpointer.save("n", TestStates.of("another", 3)).block(LONG));

    SaveRequest onlyIfAbsent = SaveRequest.defaults().named("n").onlyIfAbsent();
    assertThatThrownBy(() -> checkpointer.save(TestStates.of(KERNEL, 2), onlyIfAbsent).block(LONG))
        .isInstanceOf(AlreadyExistsException.class);

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(checkpointer.info("n").block(LONG).metadata().kernelId()).isEqualTo("another");
  }

  @Test
  void leaveThePlaceholderOfAnotherSave() {
    Placeholder others = Placeholder.of(ObjectId.random(), KERNEL);
    new Slots(new SmallObjects(storage)).hold("n", others, null).block(LONG);
    storage.failWhen(Call::commits, Fault.REFUSE);

    assertThatThrownBy(() -> checkpointer.save("n", TestStates.of(KERNEL, 2)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);

    storage.heal();
    Slot slot = new Slots(new SmallObjects(storage)).read("n").block(LONG);
    assertThat(slot)
        .isInstanceOfSatisfying(
            Slot.Vacant.class,
            vacant -> assertThat(vacant.placeholder().pin()).isEqualTo(others.pin()));
  }

  @Test
  void areAFewWhereTheEntryCanNotBeWritten() {
    storage.failWhen(once(Call::savesEntry), Fault.FAIL);
    assertThat(checkpointer.save("a", TestStates.of(KERNEL, 2)).block(LONG).notes()).isEmpty();

    storage.failWhen(Call::savesEntry, Fault.FAIL);
    assertThat(checkpointer.save("a", TestStates.of(KERNEL, 3)).block(LONG).notes())
        .singleElement()
        .asString()
        .contains("by the kernel's next save");
    assertThat(storage.count("save", "a")).isEqualTo(Again.MOST_LOST_ANSWERS);

    storage.heal();
    assertThat(checkpointer.info("a").block(LONG).metadata().step()).isEqualTo(3);
  }
}
