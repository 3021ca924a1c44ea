package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The mark in its metadata that makes a file of version 1 a delta, where a state is written whole.
 */
class DeltaMarkTest {
  @RegisterExtension
  final StoreFixture store = new StoreFixture("memory:", settings -> settings.formatVersion(1));

  private final Checkpointer checkpointer = store.checkpointer;

  @Test
  void isNotInWhatWasLoadedFromADeltaSoThatItIsSavedWithoutItsBase() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("a", 1, 1).region("b", 1, 2);
    checkpointer.save(kernel, SaveRequest.defaults().named("full")).block(LONG);
    kernel.touch("a", 0);
    SaveRequest onFull = SaveRequest.defaults().named("delta").base(BaseChoice.named("full"));
    assertThat(checkpointer.save(kernel, onFull).block(LONG).kind())
        .isEqualTo(CheckpointKind.DELTA);
    Map<String, ByteBuffer> state = kernel.bytes();

    RestoreReceipt restored = checkpointer.restore(new StillKernel("fdtd", 0), "delta").block(LONG);
    assertThat(restored.checkpoint().metadata().custom()).containsOnlyKeys("seed");
    try (Checkpoint loaded = checkpointer.load("delta").block(LONG)) {
      checkpointer.save("again", loaded).block(LONG);
    }
    checkpointer.delete("full").block(LONG);
    checkpointer.delete("delta").block(LONG);
    checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(TestStates.loaded(checkpointer, "again")).isEqualTo(state);
  }

  @Test
  void isRefusedInAFullCheckpointThatWouldBeReadAsADelta() {
    Checkpoint state = TestStates.of("fdtd", 1);
    Checkpoint marked =
        Checkpoint.of(
            state.metadata().toBuilder().custom(WholeChunkDelta.PARENT_DIGEST, "0badcafe").build(),
            state.chunks(),
            () -> {});

    assertThatThrownBy(() -> checkpointer.save("a", marked).block(LONG))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(WholeChunkDelta.PARENT_DIGEST);

    assertThat(checkpointer.list("").count().block(LONG)).isZero();
    assertThat(store.count(StoreNames.OBJECTS)).isZero();
  }
}
