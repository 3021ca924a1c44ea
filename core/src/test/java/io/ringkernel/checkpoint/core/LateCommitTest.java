package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** A commit whose first request is given up and is still on its way when a later one has failed. */
@Timeout(120)
class LateCommitTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  /** The first request of a commit is done late; the next one is not done, and never will be. */
  private CommitStateUnknownException failLateThenForGood(Predicate<Call> commits, Mono<?> save) {
    storage.failWhen(commits, Fault.DO_LATE);
    storage.before(
        call -> call.operation().equals("read") && storage.calls.stream().anyMatch(commits),
        () -> storage.refuseWhen(commits));
    CommitStateUnknownException unknown =
        catchThrowableOfType(CommitStateUnknownException.class, () -> save.block(LONG));
    storage.heal();
    return unknown;
  }

  @Test
  void ofASaveIsNotToldAsCertainlyNotDone() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);

    CommitStateUnknownException unknown =
        failLateThenForGood(Call::commits, checkpointer.save("a", TestStates.of("fdtd", 2)));

    assertThat(storage.doLate()).as("it was as it had been read").isTrue();
    assertThat(checkpointer.info("a").block(LONG).metadata().step()).isEqualTo(2);
    assertThat(unknown).hasCauseInstanceOf(StorageException.class);
    assertThat(unknown.name()).isEqualTo("a");
    assertThat(checkpointer.info("a").block(LONG).objectId().hex()).isEqualTo(unknown.id());
  }

  @Test
  void ofAGroupIsNotToldAsCertainlyNotDone() {
    HeldKernel kernel = new HeldKernel("left");

    CommitStateUnknownException unknown =
        failLateThenForGood(
            call -> call.savesEntry() && call.name().startsWith("g/"),
            checkpointer.groups().save("g", List.of(kernel.kernel())));

    assertThat(storage.doLate()).as("it was as it had been read").isTrue();
    GroupInfo group = checkpointer.list("g/").cast(GroupInfo.class).single().block(LONG);
    assertThat(checkpointer.verify(group.name(), VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    assertThat(unknown.name()).isEqualTo(group.name());
    assertThat(unknown.id()).isEqualTo(group.cut().toString());
  }
}
