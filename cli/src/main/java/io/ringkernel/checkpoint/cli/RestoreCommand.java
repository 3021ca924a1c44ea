package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.files.ContentStream;
import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.files.NewFiles;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    description = "Write the chunks of a checkpoint back as files of raw state.",
    footer = {
      "",
      "Each chunk becomes DIR/NAME.bin, one without a name DIR/TYPE-ID.bin. The files appear when",
      "all of them are whole and verified; those of the same names are replaced.",
      "",
      "Examples:",
      "  rkcp restore -s file:/var/lib/sim step-100 --to state",
      "  rkcp restore -s file:/var/lib/sim step-100 --to state --region pressure"
    })
final class RestoreCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", description = "The checkpoint.")
  private String name = "";

  @Option(
      names = "--to",
      paramLabel = "DIR",
      required = true,
      description = "The directory to write to; made if it is missing.")
  private String directory = "";

  @Option(
      names = "--region",
      paramLabel = "NAME",
      parameterConsumer = RegionChoice.class,
      description = "Only this region; several may follow.")
  private List<String> regions = new ArrayList<>();

  @Option(names = "--json", description = "Tell what was written as a JSON object.")
  private boolean json;

  RestoreCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return name;
  }

  @Override
  public Integer call() throws IOException {
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      Map<ChunkLayout, String> files = ChunkFiles.of(chosen(sources));
      write(files, sources);
      tell(files);
    }
    return 0;
  }

  private List<ChunkLayout> chosen(Sources sources) {
    List<ChunkLayout> all = Sources.chunks(sources.named(name));
    return regions.isEmpty()
        ? all
        : regions.stream()
            .distinct()
            .flatMap(region -> ChunkSelector.regions(all, region).stream())
            .toList();
  }

  private void write(Map<ChunkLayout, String> files, Sources sources) throws IOException {
    long size = files.keySet().stream().mapToLong(file -> file.chunk().size()).sum();
    ContentStream stream = new ContentStream();
    try (NewFiles made = NewFiles.in(Path.of(directory), size)) {
      for (Map.Entry<ChunkLayout, String> entry : files.entrySet()) {
        NewFile file = made.begin(entry.getValue());
        session.finish(file.write(stream.of(entry.getKey().chunk().content()), sources.threads()));
      }
      made.place();
    }
  }

  private void tell(Map<ChunkLayout, String> files) {
    if (json) {
      List<Json> written = new ArrayList<>();
      files.forEach((chunk, file) -> written.add(Chunks.identity(chunk).put("file", file)));
      session.json(new Json().put("name", name).put("directory", directory).put("files", written));
      return;
    }
    Table table = new Table().left("CHUNK").right("SIZE").left("FILE");
    files.forEach(
        (chunk, file) ->
            table.row(
                Printable.of(ChunkAddress.of(chunk.chunk()), 60),
                Quantity.bytes(chunk.chunk().size()),
                Printable.of(Path.of(directory, file).toString())));
    table.lines().forEach(session.out()::line);
  }
}
