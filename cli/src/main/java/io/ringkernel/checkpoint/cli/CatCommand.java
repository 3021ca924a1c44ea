package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.files.ContentStream;
import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.files.StandardOutput;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import reactor.core.publisher.Flux;

@Command(
    name = "cat",
    description = "Write the raw bytes of one chunk to standard output.",
    footer = {
      "",
      "CHUNK is a region's name, or TYPE[:ID] with a type's name or number; @N after it means the",
      "Nth of several, from 0. For a group of kernels, --member says whose part.",
      "",
      "A delta of version 1 in a store is applied to its base: the one full checkpoint of the",
      "kernel that has the digest named in the delta, or the one that --base names.",
      "",
      "Examples:",
      "  rkcp cat -s file:/var/lib/sim step-100 --chunk pressure | sha256sum",
      "  rkcp cat wave.rkcp --chunk control-block -o control.bin",
      "  rkcp cat wave.rkcp --chunk custom:7@1 | xxd"
    })
final class CatCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME|FILE", description = "The checkpoint.")
  private String checkpoint = "";

  @Mixin private StateOptions state = new StateOptions();

  @Option(
      names = "--chunk",
      paramLabel = "CHUNK",
      required = true,
      description = "The chunk to write.")
  private String chunk = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to this file, which appears when it is complete.")
  private String output = StandardOutput.DASH;

  CatCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return checkpoint;
  }

  @Override
  public Integer call() throws IOException {
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      ChunkLayout found = ChunkSelector.one(sources.state(checkpoint, state).chunks(), chunk);
      Flux<OwnedBuffer> bytes = new ContentStream().of(found.chunk().content());
      if (StandardOutput.isMeant(output)) {
        session.finish(session.out().write(bytes, sources.threads()));
        return 0;
      }
      try (NewFile file = NewFile.at(Path.of(output))) {
        session.finish(file.write(bytes, sources.threads()));
        file.place();
      }
    }
    return 0;
  }
}
