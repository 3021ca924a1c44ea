package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "convert",
    description = "Write a checkpoint file in another format or compression.",
    footer = {
      "",
      "Everything else is kept: ids, flags, entries, created_at. OUT-FILE appears when it is"
          + " whole.",
      "",
      "Examples:",
      "  rkcp convert old.rkcp new.rkcp --compression zstd",
      "  rkcp convert new.rkcp for-the-reference.rkcp --format 1"
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

  @Mixin private Conversion conversion = new Conversion();

  ConvertCommand(Session session) {
    this.session = session;
  }

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
      conversion.write(sources.file(input), out, sources, session);
    }
    return 0;
  }
}
