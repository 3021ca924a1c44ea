package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.CopyProgress;
import io.ringkernel.checkpoint.core.CopyReceipt;
import io.ringkernel.checkpoint.core.CopyRequest;
import io.ringkernel.checkpoint.core.GroupCopyReceipt;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.IsGroupException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

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

  /**
   * What was copied, as it is told.
   *
   * @param name under which it is now
   * @param text for people, of what is to be said was copied
   * @param json for programs
   */
  record Copied(String name, UnaryOperator<String> text, Json json) {
    static Copied of(CopyReceipt receipt) {
      return new Copied(
          receipt.name(), what -> CopyTexts.text(what, receipt), CopyTexts.json(receipt));
    }

    static Copied of(GroupCopyReceipt receipt) {
      return new Copied(
          receipt.name(), what -> CopyTexts.text(what, receipt), CopyTexts.json(receipt));
    }
  }

  /** Copies a checkpoint or a group; an error when that can't be done. */
  Copied one(String name, String newName) {
    try {
      return checkpoint(name, newName);
    } catch (IsGroupException e) {
      return group(session.await(source.groups().info(name)), newName);
    }
  }

  private Copied checkpoint(String name, String newName) {
    return awaited(source.copy(name, target, request.named(newName)).map(Copied::of));
  }

  private Copied group(GroupInfo group, String newName) {
    String in = "group " + group.group() + ": ";
    CopyRequest told =
        request
            .named(newName)
            .onProgress(
                at -> progress.at(new CopyProgress(in + at.name(), at.copied(), at.total())));
    return awaited(source.groups().copy(group.name(), target, told).map(Copied::of));
  }

  private Copied awaited(Mono<Copied> copy) {
    try {
      return session.await(copy);
    } finally {
      progress.clear();
    }
  }

  /**
   * Copies all whose names begin with a prefix, behind those that fail: first the checkpoints, then
   * the groups. Only a storage that fails ends it: what is there by then stays, and is not sent
   * again the next time.
   *
   * @return how many could not be copied
   */
  int all(String prefix, boolean json) {
    List<ListedCheckpoint> listed = session.await(source.list(prefix).collectList());
    found = listed.size();
    JsonArray array = new JsonArray(session, json);
    int failed = 0;
    for (UnreadableCheckpoint unreadable : only(listed, UnreadableCheckpoint.class)) {
      failed(unreadable.name(), Failures.message(unreadable.problem()), array, json);
      failed++;
    }
    List<CheckpointInfo> infos = only(listed, CheckpointInfo.class);
    for (CheckpointInfo info : infos.stream().sorted(BASES_FIRST).toList()) {
      failed += tell(info.name(), name -> checkpoint(name, name), array, json) ? 0 : 1;
    }
    for (GroupInfo group : only(listed, GroupInfo.class)) {
      failed += tell(group.name(), name -> group(group, name), array, json) ? 0 : 1;
    }
    array.end();
    return failed;
  }

  private static <T> List<T> only(List<ListedCheckpoint> listed, Class<T> type) {
    return listed.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** How many the last {@link #all} found. */
  int listed() {
    return found;
  }

  /** Copies one of many under its own name, and tells of it; whether that could be done. */
  private boolean tell(String name, Function<String, Copied> copy, JsonArray array, boolean json) {
    try {
      Copied copied = copy.apply(name);
      if (json) {
        array.add(copied.json().put("error", null));
      } else {
        session.out().line(copied.text().apply(Printable.of(name)));
        session.out().flush();
      }
      return true;
    } catch (StorageException e) {
      throw e;
    } catch (CheckpointException e) {
      failed(name, Failures.message(e), array, json);
      return false;
    }
  }

  private void failed(String name, String reason, JsonArray array, boolean json) {
    if (json) {
      array.add(new Json().put("name", name).put("error", reason));
    }
    session.problem(reason.contains("'" + name + "'") ? reason : "'" + name + "': " + reason);
  }
}
