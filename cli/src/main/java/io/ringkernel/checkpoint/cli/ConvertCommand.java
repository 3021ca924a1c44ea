package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "convert",
    description = "Write a checkpoint file in another format or compression.",
    footer = {
      "",
      "Everything else is kept: ids, flags, entries, created_at. OUT-FILE appears when it is",
      "complete.",
      "",
      "With --base, an IN-FILE that is a whole-chunk delta of version 1 is applied to the base,",
      "which must have the content digest that the delta names. Without --base, only the delta's",
      "own chunks are converted, and a note says so. With --base, any other IN-FILE becomes such a",
      "delta on the base; this needs --format 1.",
      "",
      "Examples:",
      "  rkcp convert old.rkcp new.rkcp --compression zstd",
      "  rkcp convert new.rkcp for-the-reference.rkcp --format 1",
      "  rkcp convert delta.rkcp whole.rkcp --base full.rkcp"
    })
final class ConvertCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Parameters(index = "0", paramLabel = "IN-FILE", description = "The file to read.")
  private String in = "";

  @Parameters(
      index = "1",
      paramLabel = "OUT-FILE",
      description = "The file to write; - is standard output.")
  private String out = "";

  @Option(
      names = "--base",
      paramLabel = "FILE",
      description = "The base that a whole-chunk delta of version 1 is applied to, or made from.")
  private @Nullable Path base;

  @Mixin private Conversion conversion = new Conversion();

  ConvertCommand(Session session) {
    this.session = session;
  }

  @Spec private @Nullable CommandSpec command;

  @Override
  public String subject() {
    return in;
  }

  @Override
  public Integer call() throws IOException {
    Path input = Path.of(in);
    if (!out.equals("-") && Files.exists(Path.of(out)) && Files.isSameFile(input, Path.of(out))) {
      throw new RefusedException(
          "'" + in + "' and '" + out + "' are the same file; write another one and rename it");
    }
    try (Sources sources = new Sources(session, new StoreOption(), conversion.decoding())) {
      CheckpointFile file = sources.file(input);
      if (base == null) {
        tellOfAPart(file);
        conversion.write(StoredState.of(file), out, sources, session);
      } else {
        convert(file, base, sources);
      }
    }
    return 0;
  }

  /** With the names of all its regions, since version 1 has no other place for them. */
  private static Checkpoint named(Checkpoint given) {
    return Checkpoint.of(
        RegionNames.kept(given.metadata(), given.chunks()), given.chunks(), () -> {});
  }

  /** Only version 1 can say of a file that it holds a part of a state; applied ones say so too. */
  private void tellOfAPart(CheckpointFile file) {
    if (conversion.format() != 1 && WholeChunkDelta.parentDigest(file).isPresent()) {
      session
          .err()
          .line(
              "note: '"
                  + Printable.of(in)
                  + "' says that it is a delta of version 1, which version 2 can't record:"
                  + " unless it was applied already, give its base with --base");
    }
  }

  private void convert(CheckpointFile file, Path basePath, Sources sources) throws IOException {
    boolean isDelta = WholeChunkDelta.parentDigest(file).isPresent();
    if (!isDelta && conversion.format() != 1) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          "'" + in + "' is no whole-chunk delta; to make one on --base, add --format 1");
    }
    String name = basePath.toString();
    try (Checkpoint before = sources.file(basePath).checkpoint(() -> {});
        Checkpoint given = file.checkpoint(() -> {})) {
      Checkpoint written =
          session.await(
              isDelta
                  ? WholeChunkDelta.apply(before, name, given)
                  : WholeChunkDelta.between(before, name, named(given)));
      conversion.write(written, file.header().createdAtMicros(), out, sources, session);
    }
  }
}
