package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Mono;

@Command(
    name = "rm",
    description = "Remove checkpoints from a store.",
    footer = {
      "",
      "A checkpoint that can't be removed is reported, the others are removed, and the exit code",
      "is 1. Removing a checkpoint harms no delta: the objects that a delta refers to stay until",
      "nothing refers to them. rkcp gc then frees the space. When a group is removed, its members'",
      "own checkpoints stay.",
      "",
      "Example:",
      "  rkcp rm -s file:/var/lib/sim step-100 step-200"
    })
final class RemoveCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The checkpoints.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Print what was removed as a JSON array.")
  private boolean json;

  RemoveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    return new OneByOne<>(
            "name", "removed", RemoveCommand::removed, RemoveCommand::json, this::show)
        .run(session, store, names, json);
  }

  private static Mono<String> removed(Checkpointer checkpointer, String name) {
    return checkpointer
        .delete(name)
        .filter(removed -> removed)
        .switchIfEmpty(Mono.error(() -> new CheckpointNotFoundException(name)))
        .thenReturn(name);
  }

  private static Json json(String removed) {
    return new Json().put("name", removed).put("removed", true).put("error", null);
  }

  private void show(String removed) {
    session.out().line("removed " + Printable.of(removed));
  }
}
