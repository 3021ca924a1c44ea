package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.CopyReceipt;
import io.ringkernel.checkpoint.core.CopyRequest;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.Comparator;
import java.util.List;

/** Copies between two stores that are open, and what is told of them. */
final class Copies {
  /** Bases before the deltas upon them, so that each object is sent with its own checkpoint. */
  private static final Comparator<CheckpointInfo> BASES_FIRST =
      Comparator.comparing((CheckpointInfo info) -> info.metadata().kernelId())
          .thenComparing(CheckpointInfo::sequence, Long::compareUnsigned)
          .thenComparing(info -> !info.imported())
          .thenComparing(info -> info.metadata().step(), Long::compareUnsigned)
          .thenComparing(CheckpointInfo::name);

  private final Session session;
  private final Checkpointer source;
  private final Checkpointer target;
  private final CopyProgressView progress;
  private final CopyRequest request;
  private int found;

  Copies(
      Session session,
      Checkpointer source,
      Checkpointer target,
      CopyProgressView progress,
      boolean flatten) {
    this.session = session;
    this.source = source;
    this.target = target;
    this.progress = progress;
    CopyRequest told = CopyRequest.defaults().onProgress(progress::at);
    this.request = flatten ? told.flattened() : told;
  }

  /** Copies one; an error when that can't be done. */
  CopyReceipt one(String name, String newName) {
    try {
      return session.await(source.copy(name, target, request.as(newName)));
    } finally {
      progress.clear();
    }
  }

  /**
   * Copies all whose names begin with a prefix, behind those that fail. Only a storage that fails
   * ends it: what is there by then stays, and is not sent again the next time.
   *
   * @return how many could not be copied
   */
  int all(String prefix, boolean json) {
    List<ListedCheckpoint> listed = session.await(source.list(prefix).collectList());
    found = listed.size();
    JsonArray array = new JsonArray(session, json);
    int failed = 0;
    for (ListedCheckpoint other : listed) {
      failed += tellOther(other, array, json) ? 1 : 0;
    }
    List<CheckpointInfo> infos =
        listed.stream()
            .filter(CheckpointInfo.class::isInstance)
            .map(CheckpointInfo.class::cast)
            .sorted(BASES_FIRST)
            .toList();
    for (CheckpointInfo info : infos) {
      String name = info.name();
      try {
        CopyReceipt receipt = one(name, name);
        if (json) {
          array.add(json(receipt).put("error", null));
        } else {
          session.out().line(text(Printable.of(name), receipt));
          session.out().flush();
        }
      } catch (StorageException e) {
        throw e;
      } catch (CheckpointException e) {
        failed++;
        failed(name, Failures.message(e), array, json);
      }
    }
    array.end();
    return failed;
  }

  /** How many the last {@link #all} found. */
  int listed() {
    return found;
  }

  /** Whether it is something that should have been copied. */
  private boolean tellOther(ListedCheckpoint other, JsonArray array, boolean json) {
    if (other instanceof UnreadableCheckpoint unreadable) {
      failed(other.name(), Failures.message(unreadable.problem()), array, json);
      return true;
    }
    if (other instanceof GroupInfo && !json) {
      session
          .out()
          .line(
              Printable.of(other.name())
                  + " is a group and not copied; its members' own checkpoints are");
    }
    return false;
  }

  private void failed(String name, String reason, JsonArray array, boolean json) {
    if (json) {
      array.add(new Json().put("name", name).put("error", reason));
    }
    session.problem(reason.contains("'" + name + "'") ? reason : "'" + name + "': " + reason);
  }

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
    String present =
        receipt.present() == 0
            ? ""
            : " (" + Quantity.bytes(receipt.present()) + " were there already)";
    StringBuilder text =
        new StringBuilder("copied " + what + ": ")
            .append(Quantity.bytes(receipt.copied()))
            .append(" sent")
            .append(present)
            .append(", ")
            .append(kind)
            .append(", ")
            .append(Quantity.time(receipt.duration()));
    receipt.notes().forEach(note -> text.append("\nnote: ").append(Printable.of(note)));
    return text.toString();
  }

  /** The same for programs. */
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
}
