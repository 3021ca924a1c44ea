package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A commit of which the storage says, again and again, that somebody else was faster. */
@Timeout(60)
class RefusedCommitTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;

  @BeforeEach
  void save() {
    store.checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
  }

  private void assertSaveIsRefused() {
    assertThatThrownBy(() -> store.checkpointer.save("a", TestStates.of("fdtd", 2)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
  }

  private void assertOnlyTheFirstIsThere() {
    storage.heal();
    assertThat(store.checkpointer.info("a").block(LONG).metadata().step()).isEqualTo(1);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
    assertThat(store.count(StoreNames.PINS)).isZero();
  }

  @Test
  void givesUpAtTheHead() {
    storage.failWhen(Call::commits, Fault.REFUSE);

    assertSaveIsRefused();

    assertThat(storage.count("save", StoreNames.head("fdtd"))).isEqualTo(Again.MOST_ATTEMPTS);
    assertOnlyTheFirstIsThere();
  }

  @Test
  void givesUpAtTheEntry() {
    storage.failWhen(Call::savesEntry, Fault.REFUSE);

    assertSaveIsRefused();

    assertThat(storage.count("save", "a")).isBetween(1L, 2L * Again.MOST_ATTEMPTS);
  }
}
