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
    description = "Rebuild the head of a kernel from its checkpoints.",
    footer = {
      "",
      "The head is the record that all saves of a kernel go through. If it is missing, the",
      "checkpoints are still there, but gc removes nothing. If it is damaged, the kernel can't be",
      "saved. If it is missing, was begun anew or was replaced by an older one, new checkpoints",
      "count as older than those already there.",
      "",
      "A head that is whole is left alone. Checkpoints that were saved under a head that was not",
      "whole are numbered anew, in the order of their creation, so that the newest counts as the",
      "newest again. What is saved after a repair is newer than everything that is there.",
      "Checkpoints that can't be read are reported. One of them may be newer, so repair again when",
      "it can be read or is gone.",
      "",
      "What only the head knew is lost with it. This is, first, a save whose writer died just",
      "before it wrote the checkpoint under its name; if what is left of the head still names that",
      "save, it is finished. Second, it is who has claimed the kernel: a program that goes on",
      "saving the kernel is refused until it restores it or is started again.",
      "",
      "Objects that may belong to a lost save are reported. To keep one, copy it before gc removes",
      "it: in a file: store, copy its file in %%2Erkcp/objects with rkcp cp.",
      "",
      "A kernel that can't be repaired is reported, the others are repaired, and the exit code is",
      "1. rkcp verify --all finds the heads that are damaged.",
      "",
      "Example:",
      "  rkcp repair -s file:/var/lib/sim wave-0"
    })
final class RepairCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "KERNEL", arity = "1..*", description = "The kernels, by kernel id.")
  private List<String> kernels = List.of();

  @Option(names = "--json", description = "Print what was done as a JSON array.")
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
          "note: the checkpoints were created in another order than that of their numbers, which"
              + " were kept; look which is newer. prune removes none of them until repair is run"
              + " once more, which numbers them by creation");
    }
    receipt.unreadable().forEach(this::showUnreadable);
    receipt
        .finished()
        .forEach(name -> line("'" + name + "' was only in the head, and is a checkpoint now"));
    receipt
        .undecided()
        .forEach(
            object ->
                line(
                    "note: only the lost head knew whether object "
                        + object.hex()
                        + " was committed; gc will remove it"));
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
