package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.files.ContentStream;
import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.files.NewFiles;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "restore",
    description = "Write the chunks of a checkpoint back as files of raw state.",
    footer = {
      "",
      "Each chunk becomes DIR/NAME.bin, or DIR/TYPE-ID.bin if it has no name. The files appear",
      "when all of them are complete and verified, and replace those of the same names. Of a",
      "group, each kernel's files go to DIR/KERNEL, or --member restores the part of one kernel to",
      "DIR.",
      "",
      "A delta of version 1 in the store is applied to its base: the one full checkpoint of the",
      "kernel that has the digest named in the delta, or the one that --base names.",
      "",
      "A checkpoint in a file of its own can't be restored by this command: rkcp cat writes its",
      "chunks, and rkcp cp copies it into a store.",
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
      description = "The directory to write to; created if it is missing.")
  private String directory = "";

  @Option(
      names = "--region",
      paramLabel = "NAME",
      parameterConsumer = RegionChoice.class,
      description = "Only this region; may be repeated.")
  private List<String> regions = new ArrayList<>();

  @Mixin private StateOptions state = new StateOptions();

  @Option(names = "--json", description = "Print what was written as a JSON object.")
  private boolean json;

  RestoreCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return name;
  }

  /**
   * A file to be written.
   *
   * @param kernel whose part of a group it belongs to; null when it is no group
   * @param below the directory for that kernel's files, in that of the command; null likewise
   * @param chunk what goes into it
   * @param name its own name
   */
  private record Target(
      @Nullable String kernel, @Nullable String below, ChunkLayout chunk, String name) {
    String path() {
      return below == null ? name : below + "/" + name;
    }
  }

  @Override
  public Integer call() throws IOException {
    if (directory.isEmpty()) {
      throw store.wrongUsage("--to names no directory; . is the one you are in");
    }
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      GroupInfo group = state.member() == null ? sources.group(name) : null;
      List<Target> targets =
          group == null
              ? targets(null, null, chosen(sources.namedState(name, state)))
              : targets(group, sources);
      write(targets, sources);
      tell(targets);
    }
    return 0;
  }

  private static List<Target> targets(
      @Nullable String kernel, @Nullable String below, List<ChunkLayout> chunks) {
    List<Target> targets = new ArrayList<>();
    ChunkFiles.of(chunks)
        .forEach((chunk, file) -> targets.add(new Target(kernel, below, chunk, file)));
    return targets;
  }

  /** All members' files, each kernel's in a directory of its own. */
  private List<Target> targets(GroupInfo group, Sources sources) {
    if (state.base() != null || !regions.isEmpty()) {
      throw store.wrongUsage("'" + name + "' is a group: say with --member whose part is meant");
    }
    Map<String, String> directories =
        ChunkFiles.directories(
            group.members().stream().map(member -> member.metadata().kernelId()).toList());
    List<Target> targets = new ArrayList<>();
    directories.forEach(
        (kernel, below) -> {
          CheckpointFile file =
              session.await(sources.checkpointer().groups().openMember(group.name(), kernel));
          targets.addAll(targets(kernel, below, StoredState.of(file).chunks()));
        });
    return targets;
  }

  private List<ChunkLayout> chosen(StoredState found) {
    return regions.isEmpty()
        ? found.chunks()
        : regions.stream()
            .distinct()
            .flatMap(region -> ChunkSelector.regions(found.chunks(), region).stream())
            .toList();
  }

  private void write(List<Target> targets, Sources sources) throws IOException {
    long size = targets.stream().mapToLong(target -> target.chunk().chunk().size()).sum();
    ContentStream stream = new ContentStream();
    try (NewFiles made = NewFiles.in(Path.of(directory), size)) {
      for (Target target : targets) {
        String below = target.below();
        NewFile file = below == null ? made.begin(target.name()) : made.begin(below, target.name());
        session.finish(file.write(stream.of(target.chunk().chunk().content()), sources.threads()));
      }
      made.place();
    }
  }

  private void tell(List<Target> targets) {
    if (json) {
      List<Json> written = new ArrayList<>();
      for (Target target : targets) {
        Json file = Chunks.identity(target.chunk()).put("file", target.path());
        written.add(target.kernel() == null ? file : file.put("kernel_id", target.kernel()));
      }
      session.json(new Json().put("name", name).put("directory", directory).put("files", written));
      return;
    }
    Table table = new Table().left("CHUNK").right("SIZE").left("FILE");
    for (Target target : targets) {
      table.row(
          Printable.of(ChunkAddress.of(target.chunk().chunk()), 60),
          Quantity.bytes(target.chunk().chunk().size()),
          Printable.of(Path.of(directory, target.path()).toString()));
    }
    table.lines().forEach(session.out()::line);
  }
}
