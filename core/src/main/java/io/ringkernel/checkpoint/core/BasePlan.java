package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a save will be made against, decided before it writes a byte.
 *
 * @param base what it is compared with, block by block; null: it is not
 * @param wholeChunks what a version 1 delta is made against, chunk by chunk; null: it is none
 * @param references the objects that its blocks may be in, beside its own: the base first, then the
 *     base's ancestors
 * @param notes why it is full, when a delta was asked for
 */
record BasePlan(
    @Nullable Base base,
    @Nullable WholeChunks wholeChunks,
    List<ObjectId> references,
    List<String> notes) {
  /**
   * A base.
   *
   * @param name under which its entry was found
   * @param entry of the checkpoint
   * @param index of its object
   * @param shown makes what a kernel that makes its own deltas is shown: fingerprints, and bytes
   *     that are read when asked for
   */
  record Base(String name, Entry entry, BlockIndex index, Supplier<Checkpoint> shown) {}

  /**
   * The base of a version 1 delta.
   *
   * @param name under which it was found
   * @param entry of the checkpoint
   */
  record WholeChunks(String name, Entry entry) {}

  static final BasePlan FULL = new BasePlan(null, null, List.of(), List.of());

  BasePlan {
    references = List.copyOf(references);
    notes = List.copyOf(notes);
  }

  /** A full one, although a delta was asked for. */
  static BasePlan full(String reason) {
    return noted("it is a full one: " + reason);
  }

  /** A full one that a person should know something of. */
  static BasePlan noted(String note) {
    return new BasePlan(null, null, List.of(), List.of(note));
  }

  /** A delta of version 1. */
  static BasePlan on(WholeChunks base) {
    ObjectId object = base.entry().file().objectId();
    return new BasePlan(null, base, List.of(object), List.of());
  }

  /** What a file that is saved as it is refers to. */
  static BasePlan ofFile(List<ObjectId> ancestors) {
    return new BasePlan(null, null, ancestors, List.of());
  }

  /** The object that a delta is made against; null when it is full. */
  @Nullable ObjectId baseId() {
    if (base != null) {
      return base.index().objectId();
    }
    return wholeChunks == null ? null : wholeChunks.entry().file().objectId();
  }

  /** Where the entry was found that names all the references; null when none does. */
  @Nullable String baseName() {
    if (base != null) {
      return base.name();
    }
    return wholeChunks == null ? null : wholeChunks.name();
  }

  /** The same without its base, for when that is going away. */
  BasePlan withoutBase() {
    return full("its base is just being removed");
  }

  /** A delta. */
  static BasePlan on(Base base) {
    List<ObjectId> references = new ArrayList<>();
    references.add(base.index().objectId());
    base.index().ancestors().forEach(ancestor -> references.add(ancestor.id()));
    return new BasePlan(base, null, references, List.of());
  }
}
