package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A deletion that knows whether it was the one that removed.
 *
 * <p>It always names a generation: then a second try, after a response was lost, can't remove what
 * somebody saved meanwhile, and of several at once only one is told that it removed. When a try may
 * have been carried out and the next finds nothing, it counts as ours.
 */
final class GcsDelete {
  private final StoreObjects objects;
  private final String name;
  private final Wire wire;

  GcsDelete(StoreObjects objects, String name, Wire wire) {
    this.objects = objects;
    this.name = name;
    this.wire = wire;
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#delete(String, String)}. */
  boolean run(@Nullable String expectedVersion) throws IOException {
    if (expectedVersion == null) {
      return whateverIsThere();
    }
    Long generation = Generations.parse(expectedVersion);
    if (generation == null || !removes(generation)) {
      Found present = objects.find(wire, name);
      throw new ChangedMeanwhileException(
          name, expectedVersion, present == null ? null : present.object().version());
    }
    return true;
  }

  private boolean whateverIsThere() throws IOException {
    while (true) {
      Found present = objects.find(wire, name);
      if (present == null) {
        return false;
      }
      if (removes(present.generation())) {
        return true;
      }
      // Another one removed or replaced it in between: look again.
    }
  }

  private boolean removes(long generation) throws IOException {
    wire.commit();
    try {
      return wire.run(() -> objects.delete(name, generation)) || wire.isDoubtful();
    } catch (com.google.cloud.storage.StorageException e) {
      if (!StoreObjects.isConflict(e)) {
        throw e;
      }
      boolean isDoubtful = wire.isDoubtful();
      return objects.find(wire, name) == null && isDoubtful;
    }
  }
}
