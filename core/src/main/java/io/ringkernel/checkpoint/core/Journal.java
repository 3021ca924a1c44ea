package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What prunings and collections removed. A record is written before anything it names is removed,
 * and again when that is done.
 */
final class Journal {
  private static final int READS_IN_FLIGHT = 16;

  /** A record that was begun, and the storage's version of it. */
  record Begun(String name, String version, JournalRecord record) {}

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final StoreClock clock;
  private final RandomIds ids;

  Journal(CheckpointStorage storage, SmallObjects small, StoreClock clock, RandomIds ids) {
    this.storage = storage;
    this.small = small;
    this.clock = clock;
    this.ids = ids;
  }

  /** Writes what is about to be removed. */
  Mono<Begun> begin(
      JournalRecord.Action action,
      String policy,
      List<CheckpointInfo> checkpoints,
      List<ObjectId> objects) {
    return Mono.zip(
            ids.next(),
            clock.now(),
            (id, at) -> {
              JournalRecord record =
                  new JournalRecord(
                      at, action, policy, false, names(checkpoints), kernels(checkpoints), objects);
              return begin(StoreNames.journal(Instants.micros(at), id), record);
            })
        .flatMap(written -> written);
  }

  private Mono<Begun> begin(String name, JournalRecord record) {
    return small
        .write(name, encode(record), null)
        .map(written -> new Begun(name, written.version(), record));
  }

  /** Writes what was removed. What was removed is gone, whether this can be written or not. */
  Mono<Void> end(Begun begun, List<CheckpointInfo> checkpoints, List<ObjectId> objects) {
    return Mono.defer(
            () -> {
              JournalRecord was = begun.record();
              JournalRecord record =
                  new JournalRecord(
                      was.at(),
                      was.action(),
                      was.policy(),
                      true,
                      names(checkpoints),
                      kernels(checkpoints),
                      objects);
              return small.write(begun.name(), encode(record), begun.version()).then();
            })
        .onErrorComplete(CheckpointException.class);
  }

  private static List<String> names(List<CheckpointInfo> checkpoints) {
    return checkpoints.stream().map(CheckpointInfo::name).toList();
  }

  private static List<String> kernels(List<CheckpointInfo> checkpoints) {
    return checkpoints.stream().map(info -> info.metadata().kernelId()).toList();
  }

  /** All of them, oldest first; one that can't be read is an error that names it. */
  Flux<JournalRecord> records() {
    return FirstFailure.inOrder(
        storage.list(StoreNames.JOURNAL),
        object ->
            small
                .read(object.name(), RecordKind.JOURNAL)
                .map(start -> decode(start.bytes()))
                .onErrorMap(CorruptCheckpointException.class, e -> damaged(object.name(), e)),
        READS_IN_FLIGHT);
  }

  private static CorruptCheckpointException damaged(
      String name, CorruptCheckpointException problem) {
    return new CorruptCheckpointException(
        problem.offset(),
        "the journal's record '" + name + "' can't be read; delete it to read the others",
        problem);
  }

  private static byte[] encode(JournalRecord record) {
    RecordWriter out =
        new RecordWriter(RecordKind.JOURNAL)
            .numbers("at", Instants.micros(record.at()))
            .line("action", record.action() == JournalRecord.Action.PRUNE ? "prune" : "collect")
            .line("policy", record.policy())
            .line("complete", record.complete() ? "yes" : "no");
    if (!record.checkpoints().isEmpty()) {
      out.line("checkpoints", record.checkpoints().toArray(String[]::new));
      out.line("kernels", runs(record.kernels()).toArray(String[]::new));
    }
    return out.ids("objects", record.objects()).bytes();
  }

  private static JournalRecord decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.JOURNAL, bytes);
    List<String> checkpoints = in.texts("checkpoints");
    return new JournalRecord(
        in.instant("at"),
        in.value("action", Journal::action),
        in.text("policy"),
        in.text("complete").equals("yes"),
        checkpoints,
        kernels(in.texts("kernels"), checkpoints.size()),
        in.ids("objects"));
  }

  /** Each kernel and for how many checkpoints in a row: mostly all of one kernel stand together. */
  private static List<String> runs(List<String> kernels) {
    List<String> runs = new ArrayList<>();
    for (int from = 0, to; from < kernels.size(); from = to) {
      to = from + 1;
      while (to < kernels.size() && kernels.get(to).equals(kernels.get(from))) {
        to++;
      }
      runs.add(kernels.get(from));
      runs.add(Integer.toString(to - from));
    }
    return runs;
  }

  private static List<String> kernels(List<String> runs, int checkpoints) {
    List<String> kernels = new ArrayList<>();
    for (int i = 0; i + 1 < runs.size(); i += 2) {
      String count = runs.get(i + 1);
      int left = checkpoints - kernels.size();
      if (!count.matches("[1-9][0-9]{0,8}") || Integer.parseInt(count) > left) {
        throw new CorruptCheckpointException(0, "a journal's kernels are not one a checkpoint");
      }
      kernels.addAll(Collections.nCopies(Integer.parseInt(count), runs.get(i)));
    }
    if (!runs.isEmpty() && (kernels.size() != checkpoints || runs.size() % 2 != 0)) {
      throw new CorruptCheckpointException(0, "a journal's kernels are not one a checkpoint");
    }
    return kernels;
  }

  private static JournalRecord.Action action(String text) {
    return switch (text) {
      case "prune" -> JournalRecord.Action.PRUNE;
      case "collect" -> JournalRecord.Action.COLLECT;
      default -> throw new IllegalArgumentException(text);
    };
  }
}
