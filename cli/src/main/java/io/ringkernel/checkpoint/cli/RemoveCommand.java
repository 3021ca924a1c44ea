package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rm",
    description = "Remove checkpoints from a store.",
    footer = {
      "",
      "One that can't be removed is told of, the others are removed, and the exit code is 1. A delta",
      "needs none of what goes: the objects that it refers to stay until nothing does. Space is given",
      "back by rkcp gc. When a group is removed, its members' own checkpoints stay.",
      "",
      "Example:",
      "  rkcp rm -s file:/var/lib/sim step-100 step-200"
    })
final class RemoveCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", arity = "1..*", description = "The checkpoints.")
  private List<String> names = List.of();

  @Option(names = "--json", description = "Tell what was removed as a JSON array.")
  private boolean json;

  RemoveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    int failed = 0;
    JsonArray array = new JsonArray(session, json);
    try (Store open = store.open(session)) {
      for (String name : names) {
        RuntimeException problem = problem(open.checkpointer(), name);
        failed += problem == null ? 0 : 1;
        tell(name, problem, array);
      }
    }
    array.end();
    return failed > 0 ? 1 : 0;
  }

  /** Why one was not removed, or null: the others are removed all the same. */
  private @Nullable RuntimeException problem(Checkpointer checkpointer, String name) {
    try {
      return session.await(checkpointer.delete(name))
          ? null
          : new CheckpointNotFoundException(name);
    } catch (CheckpointException e) {
      return e;
    }
  }

  private void tell(String name, @Nullable RuntimeException problem, JsonArray array) {
    if (json) {
      array.add(
          new Json()
              .put("name", name)
              .put("removed", problem == null)
              .put("error", problem == null ? null : Failures.message(problem)));
    } else if (problem == null) {
      session.out().line("removed " + Printable.of(name));
    }
    if (problem != null) {
      session.problem(Failures.message(name, problem));
    }
  }
}
