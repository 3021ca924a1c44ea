package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.FlattenReceipt;
import io.ringkernel.checkpoint.error.CheckpointException;
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
      "Stored blocks are copied as they are into one new object, then the entry is switched to it:",
      "the name, its tags and its place in the history stay. What is not referred to any more goes",
      "with rkcp gc. One that can't be flattened is told of, the others are, and the exit code is 1.",
      "",
      "Example:",
      "  rkcp flatten -s file:/var/lib/sim step-200"
    })
final class FlattenCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The checkpoints.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Tell what was done as a JSON array.")
  private boolean json;

  FlattenCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    int failed = 0;
    JsonArray array = new JsonArray(session, json);
    try (Store open = store.open(session)) {
      for (String name : names) {
        try {
          tell(session.await(open.checkpointer().flatten(name)), array);
        } catch (CheckpointException e) {
          failed++;
          tell(name, e, array);
        }
      }
    }
    array.end();
    return failed > 0 ? 1 : 0;
  }

  private void tell(String name, CheckpointException problem, JsonArray array) {
    if (json) {
      array.add(
          new Json()
              .put("name", name)
              .put("changed", false)
              .put("error", Failures.message(problem)));
    }
    session.problem(Failures.message(name, problem));
  }

  private void tell(FlattenReceipt receipt, JsonArray array) {
    if (json) {
      array.add(
          new Json()
              .put("name", receipt.name())
              .put("changed", receipt.isChanged())
              .put("object_id", receipt.objectId().hex())
              .put("previous_object_id", receipt.previous().hex())
              .put("stored_bytes", receipt.stored())
              .put("released", receipt.released().stream().map(Object::toString).toList())
              .put("duration_micros", Receipts.micros(receipt.duration()))
              .put("error", null));
      return;
    }
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
