package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.CopyReceipt;
import io.ringkernel.checkpoint.core.GroupCopyReceipt;
import java.time.Duration;
import java.util.List;

/** What is told of copies that were made. */
final class CopyTexts {
  private CopyTexts() {}

  /**
   * What was done, for people.
   *
   * @param what was copied, escaped
   */
  static String text(String what, CopyReceipt receipt) {
    if (!receipt.changed()) {
      return what + " is there already";
    }
    // One of version 1 refers to a base, not to objects.
    String kind =
        receipt.kind() == CheckpointKind.DELTA && receipt.ancestors() == 0
            ? "delta"
            : receipt.kind() == CheckpointKind.DELTA
                ? "delta that refers to " + Quantity.plural(receipt.ancestors(), "other object")
                : receipt.flattened() ? "full, flattened" : "full";
    return text(what, receipt.copied(), receipt.present(), kind, receipt.duration())
        + notes(receipt.notes());
  }

  /** The same of a group. */
  static String text(String what, GroupCopyReceipt receipt) {
    if (!receipt.changed()) {
      return what + " is there already";
    }
    String kind = "group of " + Quantity.plural(receipt.group().members().size(), "kernel");
    List<String> notes =
        receipt.members().stream().flatMap(member -> member.notes().stream()).toList();
    return text(what, receipt.copied(), receipt.present(), kind, receipt.duration()) + notes(notes);
  }

  private static String text(String what, long sent, long present, String kind, Duration duration) {
    String there = present == 0 ? "" : " (" + Quantity.bytes(present) + " were there already)";
    return "copied "
        + what
        + ": "
        + Quantity.bytes(sent)
        + " sent"
        + there
        + ", "
        + kind
        + ", "
        + Quantity.time(duration);
  }

  private static String notes(List<String> notes) {
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> text.append("\nnote: ").append(Printable.of(note)));
    return text.toString();
  }

  /** What was done, for programs. */
  static Json json(CopyReceipt receipt) {
    return new Json()
        .put("name", receipt.name())
        .put("object_id", receipt.objectId().hex())
        .put("kind", Receipts.kind(receipt.kind()))
        .unsigned("sequence", receipt.sequence())
        .put("changed", receipt.changed())
        .put("sent_bytes", receipt.copied())
        .put("present_bytes", receipt.present())
        .put("other_objects", receipt.ancestors())
        .put("flattened", receipt.flattened())
        .put("duration_micros", Receipts.micros(receipt.duration()))
        .put("notes", receipt.notes());
  }

  /** The same of a group. */
  static Json json(GroupCopyReceipt receipt) {
    return new Json()
        .put("name", receipt.name())
        .put("kind", "group")
        .put("group", receipt.group().group())
        .put("changed", receipt.changed())
        .put("sent_bytes", receipt.copied())
        .put("present_bytes", receipt.present())
        .put("duration_micros", Receipts.micros(receipt.duration()))
        .put("members", receipt.members().stream().map(CopyTexts::json).toList());
  }
}
