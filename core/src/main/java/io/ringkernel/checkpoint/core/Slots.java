package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads and writes what lies under checkpoints' names. */
final class Slots {
  /** Both versions of the format begin with it. */
  private static final byte[] FILE_MAGIC = "10TPKCKR".getBytes(StandardCharsets.US_ASCII);

  private final SmallObjects small;

  Slots(SmallObjects small) {
    this.small = small;
  }

  /** What is under a name now. */
  Mono<Slot> read(String name) {
    return small.read(name, RecordKind.ENTRY).map(Slots::slot).defaultIfEmpty(new Slot.Absent());
  }

  private static Slot slot(SmallObjects.Start start) {
    StoredObject object = start.object();
    byte[] bytes = start.bytes();
    if (RecordKind.ENTRY.begins(bytes)) {
      try {
        return new Slot.Managed(object.version(), Entry.decode(bytes));
      } catch (CheckpointException e) {
        return new Slot.Unreadable(object.version(), true, e);
      }
    }
    if (isFile(bytes)) {
      return new Slot.Bare(object, ByteBuffer.wrap(bytes));
    }
    return new Slot.Unreadable(
        object.version(),
        false,
        new CorruptCheckpointException(0, "neither an entry nor a .rkcp file begins so"));
  }

  private static boolean isFile(byte[] bytes) {
    int n = FILE_MAGIC.length;
    return bytes.length >= n && Arrays.equals(FILE_MAGIC, 0, n, bytes, 0, n);
  }

  /** Writes an entry if its name still holds what was read there. */
  Mono<StoredObject> write(String name, Entry entry, @Nullable String base) {
    return Mono.defer(() -> small.write(name, entry.encode(), base));
  }

  /** Refuses every write of an entry that is based on what is under its name now. */
  Mono<Void> fence(String name) {
    return fence(name, 1);
  }

  private Mono<Void> fence(String name, int attempt) {
    return read(name)
        .ofType(Slot.Managed.class)
        .flatMap(slot -> write(name, slot.entry().fenced(), slot.version()))
        .then()
        .onErrorResume(
            e -> Failures.isRefusal(e) && attempt < Heads.MOST_ATTEMPTS,
            e -> fence(name, attempt + 1));
  }
}
