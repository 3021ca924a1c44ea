package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.format.CheckpointText;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "dump",
    description = "Show every field of a checkpoint file as text, exactly as the reference does.",
    footer = {
      "",
      "Reads leniently, as the reference does: sizes that contradict each other are shown, not",
      "refused. If a file is so damaged that its fields can't be found, one line says where, and",
      "no field is shown. Texts are escaped.",
      "",
      "A file of version 1 has one checksum for all of it. In version 2 each block has its own:",
      "what is damaged is marked, and cat writes the other chunks.",
      "",
      "Examples:",
      "  rkcp dump wave.rkcp",
      "  diff <(rkcp dump a.rkcp) <(rkcp dump b.rkcp)"
    })
final class DumpCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "The file, of either version.")
  private String file = "";

  DumpCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return file;
  }

  @Override
  public Integer call() {
    DecodeOptions lenient = DecodeOptions.builder().lenient(true).build();
    try (Sources sources = new Sources(session, new StoreOption(), lenient)) {
      session.finish(
          CheckpointText.lines(sources.file(Path.of(file))).doOnNext(session.out()::line).then());
    }
    return 0;
  }
}
