package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    description = "Remove checkpoints from a store.",
    footer = {"", "Example:", "  rkcp rm -s file:/var/lib/sim step-100"})
final class RemoveCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The checkpoints.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Tell what was removed as JSON objects.")
  private boolean json;

  RemoveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Store open = store.open(session)) {
      for (String name : names) {
        if (!session.await(open.checkpointer().delete(name))) {
          throw new CheckpointNotFoundException(name);
        }
        if (json) {
          session.json(new Json().put("name", name).put("removed", true));
        } else {
          session.out().line("removed " + Printable.of(name));
        }
      }
    }
    return 0;
  }
}
