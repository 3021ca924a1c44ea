package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Reads and writes what lies under checkpoints' names. */
final class Slots {
  /** Both versions of the format begin with it. */
  private static final byte[] FILE_MAGIC = "10TPKCKR".getBytes(StandardCharsets.US_ASCII);

  /** All records begin with it. */
  private static final String RECORD_MAGIC = "rkcp-";

  private final SmallObjects small;
  private final Unstoppable removals;
  private final NameClearer clearer;
  private final Folders folders;

  /** For who takes nothing away. */
  Slots(SmallObjects small) {
    this(small, new Unstoppable());
  }

  /** For who does not wait for what others are taking away. */
  Slots(SmallObjects small, Unstoppable removals) {
    this(small, removals, List.of());
  }

  /**
   * @param removals what it is taking away itself
   * @param pauses between looks at what others are taking away
   */
  Slots(SmallObjects small, Unstoppable removals, List<Mono<?>> pauses) {
    this.small = small;
    this.removals = removals;
    this.clearer = new NameClearer(small, removals, pauses);
    this.folders = new Folders(small, clearer);
  }

  /** What is under a name now. */
  Mono<Slot> read(String name) {
    return small
        .read(name, RecordKind.ENTRY, RecordKind.GROUP, RecordKind.PLACEHOLDER)
        .map(Slots::slot)
        .defaultIfEmpty(new Slot.Absent());
  }

  /** The same for who wants to put something there; waits a little while it is being cleared. */
  Mono<Slot> settled(String name) {
    return clearer.settled(
        name, Mono.defer(() -> read(name)), slot -> slot instanceof Slot.Clearing);
  }

  /**
   * Refuses a name that, as things are, can't be given, or is taken and must not be; a commit that
   * is on its way to it does not count.
   */
  Mono<Void> requireUsable(String name, boolean onlyIfAbsent) {
    return onlyIfAbsent || folders.areNeeded || clearer.isInTwoSteps
        ? settled(name).flatMap(slot -> requireUsable(name, slot, onlyIfAbsent))
        : Mono.empty();
  }

  private Mono<Void> requireUsable(String name, Slot slot, boolean onlyIfAbsent) {
    if (onlyIfAbsent && !slot.isFree()) {
      return Mono.error(new AlreadyExistsException(name));
    }
    return slot instanceof Slot.Absent ? folders.requirePlace(name) : Mono.empty();
  }

  /** In which what has begun to be taken away is taken away to the end. */
  Unstoppable removals() {
    return removals;
  }

  /** What takes away what is under names. */
  NameClearer clearer() {
    return clearer;
  }

  /** What nothing lies under, and what may lie in the way of that. */
  Folders folders() {
    return folders;
  }

  private static Slot slot(SmallObjects.Start start) {
    StoredObject object = start.object();
    byte[] bytes = start.bytes();
    try {
      if (RecordKind.ENTRY.begins(bytes)) {
        return new Slot.Managed(object.version(), Entry.decode(bytes));
      }
      if (RecordKind.GROUP.begins(bytes)) {
        return new Slot.Group(object.version(), GroupManifest.decode(bytes));
      }
      if (RecordKind.PLACEHOLDER.begins(bytes)) {
        return new Slot.Vacant(object.version(), Placeholder.decode(bytes));
      }
      if (RecordKind.CLEARING.begins(bytes)) {
        return new Slot.Clearing(object, ClearingNote.decode(bytes));
      }
    } catch (CheckpointException e) {
      return new Slot.Unreadable(object.version(), true, e);
    }
    if (isFile(bytes)) {
      return new Slot.Bare(object, ByteBuffer.wrap(bytes));
    }
    return new Slot.Unreadable(
        object.version(),
        mayBeRecord(bytes),
        new CorruptCheckpointException(0, "neither an entry nor a .rkcp file begins so"));
  }

  /**
   * Whether something may be what damage left of a record: anything but text that looks like none,
   * as a note that somebody put there.
   */
  private static boolean mayBeRecord(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return RECORD_MAGIC.startsWith(text)
        || text.startsWith(RECORD_MAGIC)
        || text.contains("\nobject ")
        || text.contains("\ncrc32 ")
        || text.chars().anyMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r');
  }

  private static boolean isFile(byte[] bytes) {
    int n = FILE_MAGIC.length;
    return bytes.length >= n && Arrays.equals(FILE_MAGIC, 0, n, bytes, 0, n);
  }

  /** Puts a placeholder where nothing is, or in the place of another one. */
  Mono<Slot> hold(String name, Placeholder placeholder, @Nullable String base) {
    Mono<Slot.Vacant> holding =
        Mono.defer(() -> small.write(name, placeholder.encode(), base))
            .map(written -> new Slot.Vacant(written.version(), placeholder));
    return (base == null ? folders.make(name) : Mono.<Void>empty()).then(holding).cast(Slot.class);
  }

  /** Takes a placeholder away, if that is what is there. */
  Mono<Void> release(String name, Slot.Vacant vacant) {
    return clearer.clear(name, vacant.version()).then().onErrorComplete(Failures::isRefusal);
  }

  /** The same in the place of a folder, where nothing else can be that anybody needs. */
  Mono<Void> giveUp(String folder, String version) {
    return small.delete(folder, version).then().onErrorComplete(Failures::isRefusal);
  }

  /** Writes a group's manifest if its name still holds what was read there. */
  Mono<StoredObject> write(String name, GroupManifest manifest, String base) {
    return Mono.defer(() -> small.write(name, manifest.encode(), base));
  }

  /** Writes an entry if its name still holds what was read there. */
  Mono<StoredObject> write(String name, Entry entry, String base) {
    return Mono.defer(() -> small.write(name, entry.encode(), base));
  }

  /** Refuses every write that is based on what is under a name now. */
  Mono<Void> fence(String name, Slot slot) {
    byte @Nullable [] fenced = fenced(slot);
    return fenced == null || slot.version() == null
        ? Mono.empty()
        : small.write(name, fenced, slot.version()).then();
  }

  private static byte @Nullable [] fenced(Slot slot) {
    if (slot instanceof Slot.Managed managed) {
      return managed.entry().fenced().encode();
    }
    if (slot instanceof Slot.Vacant vacant) {
      return vacant.placeholder().fenced().encode();
    }
    return slot instanceof Slot.Group group ? group.manifest().fenced().encode() : null;
  }
}
