package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeleteTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @Test
  void removesTheEntryAndLeavesItsObjectToACollector() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);

    assertThat(checkpointer.delete("a").block(LONG)).isTrue();
    assertThat(checkpointer.delete("a").block(LONG)).isFalse();

    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(1);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
  }

  @Test
  void removesABareFile() {
    BareFiles.put(storage, "bare", TestStates.of("fdtd", 1), 1);

    assertThat(checkpointer.delete("bare").block(LONG)).isTrue();
    assertThat(storage.exists("bare").block(LONG)).isFalse();
  }

  @Test
  void removesWhatCanNotBeRead() {
    storage.put("junk", "no checkpoint at all");

    assertThat(checkpointer.delete("junk").block(LONG)).isTrue();
    assertThat(storage.exists("junk").block(LONG)).isFalse();
  }

  @Test
  void leavesWhatReplacedTheCheckpointMeanwhile() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.before(
        call -> call.operation().equals("delete") && call.name().equals("a"),
        () -> BareFiles.put(storage, "a", TestStates.of("fdtd", 2), 2));

    assertThatThrownBy(() -> checkpointer.delete("a").block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(checkpointer.load("a").block(LONG).metadata().step()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void failsAnOpenReaderInsteadOfGivingItOtherBytes(int version) {
    Checkpointer writer = Checkpointer.builder(storage).formatVersion(version).build();
    writer.save("a", TestStates.of("fdtd", 1, 3_000_000)).block(LONG);
    try (Checkpoint open = checkpointer.load("a").block(LONG)) {
      writer.save("a", TestStates.of("fdtd", 2, 3_000_000)).block(LONG);
      collect();

      assertThatThrownBy(() -> TestStates.bytes(open))
          .isInstanceOf(CheckpointNotFoundException.class);
    }
    writer.close().block(LONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void failsAnOpenReaderOfABareFileThatIsReplaced(int version) {
    BareFiles.put(storage, "a", TestStates.of("fdtd", 1, 3_000_000), version);
    try (Checkpoint open = checkpointer.load("a").block(LONG)) {
      checkpointer.save("a", TestStates.of("fdtd", 2)).block(LONG);

      assertThatThrownBy(() -> TestStates.bytes(open))
          .isInstanceOf(ChangedMeanwhileException.class);
    }
  }

  @Test
  void followsAnEntryThatIsReplacedBetweenItsReadingAndItsObjects() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.before(
        call -> call.operation().equals("read") && call.name().startsWith(".rkcp/objects/"),
        () -> {
          checkpointer.save("a", TestStates.of("fdtd", 2)).block(LONG);
          collect();
        });

    assertThat(checkpointer.load("a").block(LONG).metadata().step()).isEqualTo(2);
  }

  private void collect() {
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
  }

  @Test
  void leavesTheObjectThatWasReplacedToACollector() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    checkpointer.save("a", TestStates.of("other", 2)).block(LONG);
    checkpointer.save("a", TestStates.of("fdtd", 3)).block(LONG);

    collect();

    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(1);
  }
}
