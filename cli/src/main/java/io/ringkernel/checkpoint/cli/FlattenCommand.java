package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.FlattenReceipt;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "flatten",
    description = "Make deltas self-contained, so that they refer to no older object.",
    footer = {
      "",
      "Stored blocks are copied as they are into one new object, then the entry is switched to it.",
      "The name, its tags and its place in the history stay. rkcp gc removes the objects that",
      "nothing refers to any more. A checkpoint that can't be flattened is reported, the others",
      "are flattened, and the exit code is 1.",
      "",
      "Example:",
      "  rkcp flatten -s file:/var/lib/sim step-200"
    })
final class FlattenCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The checkpoints.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Print what was done as a JSON array.")
  private boolean json;

  FlattenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return new OneByOne<>(
            "name", "changed", Checkpointer::flatten, FlattenCommand::json, this::show)
        .run(session, store, names, json);
  }

  private static Json json(FlattenReceipt receipt) {
    return new Json()
        .put("name", receipt.name())
        .put("changed", receipt.isChanged())
        .put("object_id", receipt.objectId().hex())
        .put("previous_object_id", receipt.previous().hex())
        .put("stored_bytes", receipt.stored())
        .put("released", receipt.released().stream().map(Object::toString).toList())
        .put("duration_micros", Receipts.micros(receipt.duration()))
        .put("error", null);
  }

  private void show(FlattenReceipt receipt) {
    String name = Printable.of(receipt.name());
    session
        .out()
        .line(
            receipt.isChanged()
                ? "flattened "
                    + name
                    + ": "
                    + Quantity.bytes(receipt.stored())
                    + " stored, refers to no other object any more (before: "
                    + Quantity.count(receipt.released().size())
                    + "), "
                    + Quantity.time(receipt.duration())
                : name + " is a full checkpoint already");
  }
}
