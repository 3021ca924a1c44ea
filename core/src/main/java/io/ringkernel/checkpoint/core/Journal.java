package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.Collection;
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
      Collection<String> checkpoints,
      Collection<ObjectId> objects) {
    return Mono.zip(
            ids.next(),
            clock.now(),
            (id, at) -> {
              JournalRecord record =
                  new JournalRecord(
                      at, action, policy, false, List.copyOf(checkpoints), List.copyOf(objects));
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
  Mono<Void> end(Begun begun, Collection<String> checkpoints, Collection<ObjectId> objects) {
    return Mono.defer(
            () -> {
              JournalRecord was = begun.record();
              JournalRecord record =
                  new JournalRecord(
                      was.at(),
                      was.action(),
                      was.policy(),
                      true,
                      List.copyOf(checkpoints),
                      List.copyOf(objects));
              return small.write(begun.name(), encode(record), begun.version()).then();
            })
        .onErrorComplete(CheckpointException.class);
  }

  /** All of them, oldest first. */
  Flux<JournalRecord> records() {
    return storage
        .list(StoreNames.JOURNAL)
        .flatMapSequential(
            object ->
                small.read(object.name(), RecordKind.JOURNAL).map(start -> decode(start.bytes())),
            READS_IN_FLIGHT,
            1);
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
    }
    return out.ids("objects", record.objects()).bytes();
  }

  private static JournalRecord decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.JOURNAL, bytes);
    long at = in.number("at");
    if (at < 0) {
      throw new CorruptCheckpointException(0, "a journal's time is above 63 bits");
    }
    return new JournalRecord(
        Instants.ofMicros(at),
        in.value("action", Journal::action),
        in.text("policy"),
        in.text("complete").equals("yes"),
        in.texts("checkpoints"),
        in.ids("objects"));
  }

  private static JournalRecord.Action action(String text) {
    return switch (text) {
      case "prune" -> JournalRecord.Action.PRUNE;
      case "collect" -> JournalRecord.Action.COLLECT;
      default -> throw new IllegalArgumentException(text);
    };
  }
}
