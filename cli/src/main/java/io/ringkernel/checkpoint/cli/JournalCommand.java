package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.JournalRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "journal",
    description = "Show what prune and gc removed, when, and by which rules.",
    footer = {
      "",
      "The oldest is shown first and the newest last: rkcp journal | tail. For a prune, the names",
      "of its checkpoints are shown; for a gc, the number of objects. --json has the objects' ids",
      "too. \"Not finished\" means that the command was ended early: some of what is named may",
      "still be there. What rm removed by name is not in the journal.",
      "",
      "Examples:",
      "  rkcp journal -s file:/var/lib/sim",
      "  rkcp journal --kernel wave-0 --json"
    })
final class JournalCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--kernel",
      paramLabel = "ID",
      description = "Show only checkpoints of this kernel, and no gc.")
  private @Nullable String kernel;

  @Option(names = "--json", description = "Print it as a JSON array.")
  private boolean json;

  JournalCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Store open = store.open(session)) {
      JsonArray array = new JsonArray(session, json);
      long told =
          session.await(
              open.checkpointer()
                  .journal()
                  .mapNotNull(this::chosen)
                  .doOnNext(
                      record -> {
                        if (json) {
                          array.add(json(record));
                        } else {
                          lines(record).forEach(session.out()::line);
                        }
                      })
                  .count());
      if (told == 0) {
        tellNothing(open);
      }
      array.end();
    }
    return 0;
  }

  /** A mistyped kernel must not look like one of which nothing was removed. */
  private void tellNothing(Store open) {
    String asked = kernel;
    if (asked != null && !open.kernelIds().contains(asked)) {
      throw new RefusedException(
          "no checkpoint of kernel '"
              + asked
              + "' in "
              + store.shown(session)
              + ", and none in its journal");
    }
    if (!json) {
      String what = asked == null ? "" : " of kernel '" + asked + "'";
      session.notice("nothing" + what + " was removed by prune or gc");
    }
  }

  /** What of a record is asked for; null when nothing is. */
  private @Nullable JournalRecord chosen(JournalRecord record) {
    if (kernel == null) {
      return record;
    }
    List<String> checkpoints = new ArrayList<>();
    List<String> kernels = new ArrayList<>();
    for (int i = 0; i < record.kernels().size(); i++) {
      if (record.kernels().get(i).equals(kernel)) {
        checkpoints.add(record.checkpoints().get(i));
        kernels.add(kernel);
      }
    }
    return checkpoints.isEmpty()
        ? null
        : new JournalRecord(
            record.at(),
            record.action(),
            record.policy(),
            record.complete(),
            checkpoints,
            kernels,
            List.of());
  }

  private static List<String> lines(JournalRecord record) {
    boolean prune = record.action() == JournalRecord.Action.PRUNE;
    int count = prune ? record.checkpoints().size() : record.objects().size();
    List<String> lines = new ArrayList<>();
    lines.add(
        Quantity.moment(record.at())
            + "  "
            + word(record)
            + (record.complete() ? "  removed " : "  not finished, was to remove ")
            + Quantity.plural(count, prune ? "checkpoint" : "object")
            + ": "
            + Printable.of(record.policy()));
    record.checkpoints().forEach(name -> lines.add("    " + Printable.of(name)));
    return lines;
  }

  /** As the command is called that did it. */
  private static String word(JournalRecord record) {
    return record.action() == JournalRecord.Action.PRUNE ? "prune" : "gc";
  }

  private static Json json(JournalRecord record) {
    return new Json()
        .put("at", record.at().toString())
        .put("action", word(record))
        .put("policy", record.policy())
        .put("complete", record.complete())
        .put("checkpoints", record.checkpoints())
        .put("kernel_ids", record.kernels())
        .put("object_ids", record.objects().stream().map(Object::toString).toList());
  }
}
