package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.files.FileThreads;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.CheckpointKind;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "save",
    description = "Save a checkpoint from files of raw state.",
    footer = {
      "",
      "The chunks are saved in the order given; - is standard input. A checkpoint that has the",
      "name already is replaced only when the new one is complete.",
      "",
      "Checkpoints with one kernel id are one history: --base latest is its newest checkpoint,",
      "prune counts within it, and a program that restores its kernel's latest gets its newest.",
      "All checkpoints saved without --kernel-id belong to one kernel, whose id is empty. In a",
      "store of several kernels, give each one an id.",
      "",
      "With --base, a block is stored only if it is nowhere in the base. The base must have the",
      "same kernel id. If it can't serve, a note says why everything was stored. Restoring a delta",
      "reads each block from where it is stored: a longer history does not make it slower.",
      "",
      "Examples:",
      "  rkcp save -s file:/var/lib/sim step-100 --kernel-id wave-0 --region pressure=p.raw",
      "  rkcp save step-200 --kernel-id wave-0 --region pressure=p.raw --base latest --custom loss=0.4",
      "  ./simulator --state | rkcp save step-300 --region grid=- --compression zstd --step 300"
    })
final class SaveCommand implements Callable<Integer>, OnCheckpoint {
  /** Stands for the kernel's latest checkpoint, in place of a name. */
  private static final String LATEST = "latest";

  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME", description = "The name to save it under.")
  private String name = "";

  @Option(
      names = "--region",
      paramLabel = "NAME=FILE",
      parameterConsumer = StateFile.Regions.class,
      description = "A named region of device memory; may be repeated.")
  private List<StateFile> regions = new ArrayList<>();

  @Option(
      names = "--control",
      paramLabel = "FILE",
      parameterConsumer = StateFile.Control.class,
      description = "The kernel's control block.")
  private List<StateFile> control = new ArrayList<>();

  @Option(
      names = "--chunk",
      paramLabel = "TYPE[:ID]=FILE",
      parameterConsumer = StateFile.Chunks.class,
      description = "A chunk of any type, by name or number: h2k-queue=q.bin, custom:7=x.bin.")
  private List<StateFile> chunks = new ArrayList<>();

  @Option(
      names = "--kernel-id",
      paramLabel = "ID",
      description = "The id of the kernel (default: the empty id).")
  private String kernelId = "";

  @Option(
      names = "--kernel-type",
      paramLabel = "T",
      description = "The program that the kernel runs.")
  private String kernelType = "";

  @Option(
      names = "--step",
      paramLabel = "N",
      converter = Converters.Unsigned.class,
      description = "The step that the kernel has reached.")
  private long step;

  @Option(
      names = "--custom",
      paramLabel = "K=V",
      description = "A custom entry of your own; may be repeated.")
  private Map<String, String> custom = new LinkedHashMap<>();

  @Option(
      names = "--base",
      paramLabel = "NAME|latest",
      description = "Store only what changed since this checkpoint or the kernel's latest.")
  private @Nullable String base;

  @Option(names = "--savepoint", description = "Save a full checkpoint that is never pruned.")
  private boolean savepoint;

  @Option(names = "--tag", paramLabel = "T", description = "A tag; may be repeated.")
  private List<String> tags = new ArrayList<>();

  @Mixin private EncodingOptions encoding = new EncodingOptions();

  @Option(names = "--json", description = "Print what was saved as a JSON object.")
  private boolean json;

  SaveCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return name;
  }

  @Override
  public Integer call() {
    List<StateFile> state =
        Stream.of(regions, control, chunks)
            .flatMap(List::stream)
            .sorted(Comparator.comparingInt(StateFile::remaining).reversed())
            .toList();
    requireUsable(state);
    String uri = store.require(session);
    store.requireLasting(uri);
    try (FileThreads threads = new FileThreads();
        OpenState open = OpenState.of(state, threads, session);
        Store opened = new Store(checkpointer(uri), session);
        Checkpoint checkpoint = checkpoint(open.chunks())) {
      SaveReceipt receipt = session.await(opened.checkpointer().save(checkpoint, request()));
      tell(receipt);
    }
    return 0;
  }

  private SaveRequest request() {
    SaveRequest request = SaveRequest.defaults().named(name).savepoint(savepoint).tags(tags);
    if (base == null) {
      return request;
    }
    return request.base(base.equals(LATEST) ? BaseChoice.latest() : BaseChoice.named(base));
  }

  private Checkpointer checkpointer(String uri) {
    return Checkpointer.builder(uri)
        .formatVersion(encoding.format())
        .compression(encoding.compression())
        .build();
  }

  private void requireUsable(List<StateFile> state) {
    if (state.isEmpty()) {
      throw store.wrongUsage("nothing to save: give --region, --control or --chunk");
    }
    if (state.stream().filter(StateFile::isStandardInput).count() > 1) {
      throw store.wrongUsage("standard input can be read only once");
    }
    if (custom.containsKey("")) {
      throw store.wrongUsage("--custom: '=" + custom.get("") + "' has no key: write K=V");
    }
    if (tags.contains("")) {
      throw store.wrongUsage("--tag: a tag can't be empty");
    }
    if (base != null && savepoint) {
      throw store.wrongUsage("a savepoint is always full: leave out --base or --savepoint");
    }
    if (base != null && encoding.format() == 1) {
      throw store.wrongUsage("a delta is in format 2: leave out --base or --format 1");
    }
  }

  private Checkpoint checkpoint(List<DataChunk> contents) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(kernelId, kernelType).step(step).custom(custom).build();
    CheckpointBuilder builder =
        Checkpoint.builder(
            encoding.format() == 1 ? RegionNames.kept(metadata, contents) : metadata);
    try {
      contents.forEach(builder::chunk);
    } catch (IllegalArgumentException e) {
      throw store.wrongUsage(String.valueOf(e.getMessage()));
    }
    return builder.build();
  }

  private void tell(SaveReceipt receipt) {
    if (json) {
      session.json(Receipts.json(receipt).put("savepoint", savepoint).put("tags", tags));
      return;
    }
    String changed =
        receipt.kind() == CheckpointKind.DELTA
            ? Quantity.bytes(receipt.changed())
                + " of it changed ("
                + Quantity.percent(receipt.changed(), receipt.captured())
                + "), "
            : "";
    session
        .out()
        .line(
            "saved "
                + Printable.of(receipt.name())
                + ": "
                + Quantity.bytes(receipt.captured())
                + " of state, "
                + changed
                + Quantity.bytes(receipt.stored())
                + " stored, "
                + (savepoint ? "savepoint" : Receipts.kind(receipt.kind()))
                + ", format "
                + receipt.formatVersion()
                + ", "
                + Summary.compression(receipt.codec())
                + ", "
                + Quantity.time(receipt.duration()));
    receipt.notes().forEach(note -> session.out().line("note: " + Printable.of(note)));
  }
}
