package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The record that a commit puts under a name where nothing is, so that its entry can be written on
 * the condition that this very version is there: "nothing" can come back, a version can't. To
 * readers it is nothing.
 *
 * @param pin of the save that made it
 * @param kernelId whose head may hold the commit; null for a group, which has none
 * @param fences how often a collector changed this only to refuse a writer that it held dead;
 *     unsigned
 */
record Placeholder(ObjectId pin, @Nullable String kernelId, long fences) {
  static Placeholder of(ObjectId pin, @Nullable String kernelId) {
    return new Placeholder(pin, kernelId, 0);
  }

  /** The same but for its bytes: a version that was read before is not there any more. */
  Placeholder fenced() {
    return new Placeholder(pin, kernelId, fences + 1);
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.PLACEHOLDER).line("pin", pin.hex());
    if (kernelId != null) {
      out.line("kernel-id", kernelId);
    }
    out.count("fences", fences);
    return out.bytes();
  }

  /**
   * Reads a placeholder.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static Placeholder decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.PLACEHOLDER, bytes);
    return new Placeholder(
        in.value("pin", ObjectId::new),
        in.has("kernel-id") ? in.text("kernel-id") : null,
        in.count("fences"));
  }
}
