package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A scripted store of one test and a checkpointer on it, and a check that no buffer stays open. */
final class StoreFixture implements AfterEachCallback {
  /** Collects without a grace period. */
  static final CollectOptions AT_ONCE = CollectOptions.defaults().grace(Duration.ZERO);

  final ScriptedStorage storage;
  final Checkpointer checkpointer;

  /** In memory, with the defaults. */
  StoreFixture() {
    this("memory:", settings -> settings);
  }

  StoreFixture(String uri, UnaryOperator<CheckpointerBuilder> settings) {
    storage = new ScriptedStorage(uri);
    checkpointer = settings.apply(Checkpointer.builder(storage).parallelism(1)).build();
  }

  /** How much lies under names that begin so. */
  long count(String prefix) {
    return storage.list(prefix).count().block(LONG);
  }

  /** Saves a checkpoint of which only the object stays. */
  ObjectId saveAndDelete() {
    ObjectId gone = checkpointer.save("gone", TestStates.of("fdtd", 1)).block(LONG).objectId();
    checkpointer.delete("gone").block(LONG);
    return gone;
  }

  static List<String> names(Checkpointer checkpointer) {
    return checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG);
  }

  static void collect(Checkpointer checkpointer) {
    checkpointer.collect(AT_ONCE).block(LONG);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Patience.until("buffers are closed", () -> storage.openBuffers.get() == 0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }
}
