package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.HeadReport;
import io.ringkernel.checkpoint.core.ListedCheckpoint;
import io.ringkernel.checkpoint.core.VerifyDepth;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description = "Check that checkpoints are as they were written.",
    footer = {
      "",
      "Without --full, the header, metadata and index are verified; a file of version 1 has no",
      "index and is verified whole. With --full, every byte is verified. The exit code is 1 if a",
      "checkpoint is DAMAGED, or FAILED to verify for another reason: a delta whose base is missing",
      "may be whole itself. If several checkpoints have blocks in a damaged or missing object, they",
      "are named.",
      "",
      "With --all, the heads are verified too: a head is the record that all saves of a kernel go",
      "through. A head is reported only if something is wrong with it, with its kernel's id (in",
      "JSON as \"kernel\", which is null for a checkpoint); rkcp repair mends it. With --all, a",
      "place where nothing was ever saved is an error: a disk may not be mounted.",
      "",
      "Examples:",
      "  rkcp verify -s file:/var/lib/sim --all --full",
      "  rkcp verify wave.rkcp --full"
    })
final class VerifyCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME|FILE", arity = "0..*", description = "The checkpoints.")
  private List<String> checkpoints = List.of();

  @Option(names = "--all", description = "All checkpoints of the store, and its heads.")
  private boolean all;

  @Option(names = "--full", description = "Verify every byte.")
  private boolean full;

  @Option(names = "--json", description = "Print what was found as a JSON array.")
  private boolean json;

  private int verified;
  private int failed;
  private int misused;

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (all && !checkpoints.isEmpty()) {
      throw store.wrongUsage(
          "--all is every checkpoint of the store: leave out --all, or "
              + QuotedNames.of(checkpoints));
    }
    if (!all && checkpoints.isEmpty()) {
      throw store.wrongUsage("name the checkpoints to verify, or give --all");
    }
    if (all) {
      store.requireUsed(session);
    }
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      JsonArray array = new JsonArray(session, json);
      for (String name : all ? names(sources) : checkpoints) {
        tell(name, null, problem(name, sources), array);
      }
      if (all) {
        damagedHeads(sources)
            .forEach(head -> tell(head.name(), head.kernelId(), head.finding(), array));
      }
      array.end();
    }
    if (failed > 0) {
      session.problem(
          Quantity.count(failed) + " of " + Quantity.count(verified) + " did not verify");
    } else if (verified == 0 && !json) {
      session.notice(ListCommand.nothing(store.require(session), ""));
    }
    return failed == 0 ? 0 : failed == misused ? 2 : 1;
  }

  private List<String> names(Sources sources) {
    return session.await(sources.checkpointer().list("").map(ListedCheckpoint::name).collectList());
  }

  /** Nobody asked for heads: those that are whole are not told of. */
  private List<HeadReport> damagedHeads(Sources sources) {
    return session.await(
        sources.checkpointer().verifyHeads().filter(head -> !head.isWhole()).collectList());
  }

  /** What is wrong with one, or null. What is wrong must not hide what is to be said of others. */
  private @Nullable RuntimeException problem(String name, Sources sources) {
    Path path;
    try {
      path = all ? null : sources.asFile(name);
    } catch (RefusedException e) {
      return e;
    }
    // A store that is not there is the end: it says nothing about a checkpoint.
    Checkpointer named = path == null ? sources.checkpointer() : null;
    try {
      if (named != null) {
        return session.await(named.verify(name, depth())).finding();
      }
      CheckpointFile file = sources.file(Objects.requireNonNull(path));
      session.finish(full ? file.verifyAll() : file.verifyIndex());
      return null;
    } catch (CheckpointException | RefusedException | UncheckedIOException e) {
      return e;
    }
  }

  private VerifyDepth depth() {
    return full ? VerifyDepth.FULL : VerifyDepth.QUICK;
  }

  /**
   * @param kernelId whose head it is, if it is one and that is known
   */
  private void tell(
      String name, @Nullable String kernelId, @Nullable RuntimeException problem, JsonArray array) {
    verified++;
    failed += problem == null ? 0 : 1;
    misused += Failures.isWrongUsage(problem) ? 1 : 0;
    if (json) {
      array.add(json(name, kernelId, problem));
    } else if (problem == null) {
      session.out().line("ok       " + Printable.of(name));
    } else {
      String word = Failures.isDamage(problem) ? "DAMAGED  " : "FAILED   ";
      session.out().line(word + Printable.of(name + ": " + reason(name, problem)));
    }
  }

  /** Behind the name, which many messages begin with themselves. */
  private static String reason(String name, RuntimeException problem) {
    String message = Failures.message(problem);
    String named = "'" + name + "': ";
    return message.startsWith(named) ? message.substring(named.length()) : message;
  }

  private static @Nullable String missingBase(@Nullable RuntimeException problem) {
    return problem instanceof BaseMismatchException mismatch && mismatch.isMissing()
        ? mismatch.base()
        : null;
  }

  private Json json(String name, @Nullable String kernelId, @Nullable RuntimeException problem) {
    CorruptCheckpointException corrupt =
        problem instanceof CorruptCheckpointException found ? found : null;
    return new Json()
        .put("name", name)
        .put("kernel", kernelId)
        .put("depth", depth().name().toLowerCase(Locale.ROOT))
        .put("whole", problem == null)
        .put("offset", corrupt == null ? null : corrupt.offset())
        .put("missing_base", missingBase(problem))
        .put("error", problem == null ? null : reason(name, problem));
  }
}
