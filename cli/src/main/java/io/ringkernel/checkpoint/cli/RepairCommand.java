package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.RepairReceipt;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "repair",
    description = "Write the head of a kernel anew from its checkpoints.",
    footer = {
      "",
      "The head is the record that all saves of a kernel go through. Without it the checkpoints are",
      "there, but gc removes nothing; where it is damaged, the kernel can't be saved, and where it is",
      "missing, was begun anew, or an older one was put in its place, what is saved counts as older",
      "than what is there. A head that is whole is left alone. What was saved under one that was not",
      "is numbered anew, in the order of its creation, so that the newest counts as such again; what",
      "is saved after a repair is newer than all that is there. What can't be read is told: it may",
      "be a newer one, so repair again when it can be read, or is gone.",
      "",
      "What only the head knew is lost with it: a save whose writer died just before it wrote the",
      "checkpoint under its name (it is finished where what is left of the head still tells of it),",
      "and who has claimed the kernel. So a program that goes on saving it is refused until it",
      "restores it or is started again. Objects that may be of a lost save are told: to keep one,",
      "copy it before gc removes it, of a file: store by rkcp cp with its file within",
      "%%2Erkcp/objects.",
      "",
      "One that can't be repaired is told of, the others are repaired, and the exit code is 1.",
      "rkcp verify --all finds the heads that are damaged.",
      "",
      "Example:",
      "  rkcp repair -s file:/var/lib/sim wave-0"
    })
final class RepairCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "KERNEL", arity = "1..*", description = "The kernels, by kernel id.")
  private List<String> kernels = List.of();

  @Option(names = "--json", description = "Tell what was done as a JSON array.")
  private boolean json;

  RepairCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return new OneByOne<>(
            "kernel", "changed", Checkpointer::repair, RepairCommand::json, this::show)
        .run(session, store, kernels, json);
  }

  private void show(RepairReceipt receipt) {
    String kernel = "'" + receipt.kernelId() + "'";
    String newest = receipt.newest() == null ? "none" : "'" + receipt.newest() + "'";
    CheckpointException finding = receipt.finding();
    if (finding == null) {
      line("the head of kernel " + kernel + " is whole; nothing was changed");
    } else {
      line("repaired the head of kernel " + kernel + "; its newest checkpoint: " + newest);
      line("what was wrong: " + Failures.message(finding));
    }
    if (!receipt.renumbered().isEmpty()) {
      line(
          "numbered anew, in the order of their creation: " + QuotedNames.of(receipt.renumbered()));
    }
    if (receipt.disputed()) {
      line(
          "note: the checkpoints were created in another order than their numbers say, which were"
              + " kept; look which is newer. prune removes none of them until repair is run once"
              + " more, which goes by creation");
    }
    receipt.unreadable().forEach(this::showUnreadable);
    receipt
        .finished()
        .forEach(name -> line("'" + name + "' was in the head alone, and is a checkpoint now"));
    receipt
        .undecided()
        .forEach(
            object ->
                line(
                    "note: whether object "
                        + object.hex()
                        + " was committed only the lost head knew; gc will remove it"));
  }

  private void showUnreadable(UnreadableCheckpoint one) {
    line(
        "note: what is under '"
            + one.name()
            + "' can't be read, and may be a newer checkpoint of this kernel; repair again when it can: "
            + Failures.message(one.problem()));
  }

  private void line(String text) {
    session.out().line(Printable.of(text));
  }

  private static Json json(UnreadableCheckpoint one) {
    return new Json().put("name", one.name()).put("error", Failures.message(one.problem()));
  }

  private static Json json(RepairReceipt receipt) {
    CheckpointException finding = receipt.finding();
    return new Json()
        .put("kernel", receipt.kernelId())
        .put("head", receipt.head())
        .put("changed", receipt.isChanged())
        .put("finding", finding == null ? null : Failures.message(finding))
        .unsigned("sequence", receipt.sequence())
        .put("newest", receipt.newest())
        .put("renumbered", receipt.renumbered())
        .put("disputed", receipt.disputed())
        .put("unreadable", receipt.unreadable().stream().map(RepairCommand::json).toList())
        .put("finished", receipt.finished())
        .put("undecided", receipt.undecided().stream().map(Object::toString).toList())
        .put("duration_micros", Receipts.micros(receipt.duration()))
        .put("error", null);
  }
}
