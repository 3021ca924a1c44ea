package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What a save did, for programs. */
final class Receipts {
  private Receipts() {}

  static Json json(SaveReceipt receipt) {
    ObjectId base = receipt.base();
    return new Json()
        .put("name", receipt.name())
        .put("object_id", receipt.objectId().hex())
        .put("kind", kind(receipt.kind()))
        .put("base_object_id", base == null ? null : base.hex())
        .put("format", receipt.formatVersion())
        .put("compression", receipt.codec())
        .put("kernel_id", receipt.kernelId())
        .unsigned("step", receipt.step())
        .unsigned("sequence", receipt.sequence())
        .put("captured_bytes", receipt.captured())
        .put("changed_bytes", receipt.changed())
        .put("stored_bytes", receipt.stored())
        .put("stall_micros", micros(receipt.stall()))
        .put("duration_micros", micros(receipt.duration()))
        .put("notes", receipt.notes());
  }

  /** {@code full} or {@code delta}. */
  static String kind(CheckpointKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** The same, or {@code savepoint}, or {@code file} for one that no engine saved. */
  static String kind(CheckpointInfo info) {
    return !info.managed() ? "file" : info.savepoint() ? "savepoint" : kind(info.kind());
  }

  static long micros(Duration span) {
    return TimeUnit.NANOSECONDS.toMicros(span.toNanos());
  }
}
