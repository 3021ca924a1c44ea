package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a save will be made against, decided before it writes a byte.
 *
 * @param base what it is compared with; null: it is a full one
 * @param references the objects that its blocks may be in, beside its own: the base first, then the
 *     base's ancestors
 * @param notes why it is full, when a delta was asked for
 */
record BasePlan(@Nullable Base base, List<ObjectId> references, List<String> notes) {
  /**
   * A base.
   *
   * @param name under which its entry was found
   * @param entry of the checkpoint
   * @param index of its object
   * @param checkpoint what a kernel that makes its own deltas is shown: fingerprints, and bytes
   *     that are read when asked for
   */
  record Base(String name, Entry entry, BlockIndex index, Checkpoint checkpoint) {}

  static final BasePlan FULL = new BasePlan(null, List.of(), List.of());

  BasePlan {
    references = List.copyOf(references);
    notes = List.copyOf(notes);
  }

  /** A full one, although a delta was asked for. */
  static BasePlan full(String note) {
    return new BasePlan(null, List.of(), List.of(note));
  }

  /** The same without its base, for when that is going away. */
  BasePlan withoutBase() {
    return full("it is a full one: its base is just being removed");
  }

  /** A delta. */
  static BasePlan on(Base base) {
    List<ObjectId> references = new ArrayList<>();
    references.add(base.index().objectId());
    base.index().ancestors().forEach(ancestor -> references.add(ancestor.id()));
    return new BasePlan(base, references, List.of());
  }
}
