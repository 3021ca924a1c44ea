package io.ringkernel.checkpoint.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description = "Write a checkpoint of a store as one self-contained file.",
    footer = {
      "",
      "A delta is written with all its blocks. For a group of kernels, --member says whose part.",
      "",
      "A delta of version 1 in the store is applied to its base: the one full checkpoint of the",
      "kernel that has the digest named in the delta, or the one that --base names.",
      "",
      "Examples:",
      "  rkcp export -s file:/var/lib/sim step-100 wave.rkcp",
      "  rkcp export -s file:/var/lib/sim step-100 wave-v1.rkcp --format 1 --compression zstd:9"
    })
final class ExportCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "NAME", description = "The checkpoint.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "OUT-FILE",
      description = "The file to write; - is standard output.")
  private String out = "";

  @Mixin private StateOptions state = new StateOptions();

  @Mixin private Conversion conversion = new Conversion();

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return name;
  }

  @Override
  public Integer call() throws IOException {
    try (Sources sources = new Sources(session, store, conversion.decoding())) {
      conversion.write(sources.namedState(name, state), out, sources, session);
    }
    return 0;
  }
}
