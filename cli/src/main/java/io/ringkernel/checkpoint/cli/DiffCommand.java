package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.files.StandardOutput;
import io.ringkernel.checkpoint.cli.picture.BlockMap;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointDiff;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.ChunkDiff;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description = "Show which blocks differ between two checkpoints.",
    footer = {
      "",
      "Blocks are compared by the fingerprints in the indexes: no state is read. Both checkpoints",
      "must be in one store and in version 2. For one of version 1, rkcp export writes a file of",
      "version 2, and rkcp cp copies that file into the store.",
      "",
      "The picture has a cell for each block, chunk below chunk. The exit code is 0 also when the",
      "checkpoints differ.",
      "",
      "Examples:",
      "  rkcp diff -s file:/var/lib/sim step-100 step-200",
      "  rkcp diff step-100 step-200 --png changed.png"
    })
final class DiffCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "A", description = "The earlier checkpoint.")
  private String before = "";

  @Parameters(index = "1", paramLabel = "B", description = "The later checkpoint.")
  private String after = "";

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "Write a picture of the blocks as a PNG file.")
  private @Nullable Path picture;

  @Option(names = "--json", description = "Print all of it as a JSON object.")
  private boolean json;

  DiffCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return before + "', '" + after;
  }

  @Override
  public Integer call() throws IOException {
    try (Store open = store.open(session)) {
      CheckpointDiff diff = diff(open.checkpointer());
      if (picture != null && StandardOutput.isAt(picture)) {
        session.out().bytes(ByteBuffer.wrap(BlockMap.png(diff)));
        return 0;
      }
      if (picture != null) {
        NewFile.write(picture, BlockMap.png(diff));
      }
      if (json) {
        session.json(json(diff));
      } else {
        lines(diff).forEach(session.out()::line);
      }
    }
    return 0;
  }

  private CheckpointDiff diff(Checkpointer checkpointer) {
    try {
      return session.await(checkpointer.diff(before, after));
    } catch (InvalidOptionException e) {
      // Not the command line is wrong: the two are there and can't be compared.
      for (String name : List.of(before, after)) {
        if (session.await(checkpointer.openFile(name)).header().version() == 1) {
          throw new RefusedException(
              "'"
                  + name
                  + "' is of version 1, which has no index to compare; rkcp export writes it in"
                  + " version 2, and rkcp cp brings that into the store under another name",
              e);
        }
      }
      throw new RefusedException(Failures.reason(e), e);
    }
  }

  private static List<String> lines(CheckpointDiff diff) {
    long blocks = diff.chunks().stream().mapToLong(ChunkDiff::blocks).sum();
    long size = diff.chunks().stream().mapToLong(ChunkDiff::sizeAfter).sum();
    List<String> lines = new ArrayList<>();
    lines.add(
        "from "
            + Printable.of(diff.before())
            + " to "
            + Printable.of(diff.after())
            + ": "
            + (diff.isSame()
                ? "the same state"
                : Quantity.count(diff.changedBlocks())
                    + " of "
                    + Quantity.count(blocks)
                    + " blocks of "
                    + Quantity.bytes(diff.blockSize())
                    + " differ, "
                    + Quantity.bytes(diff.changedBytes())
                    + ", "
                    + Quantity.percent(diff.changedBytes(), size)));
    Table table = new Table().left("CHUNK").left("TYPE").right("SIZE").right("BLOCKS");
    table.right("CHANGED").right("BYTES").right("SHARE").left("STATUS");
    for (ChunkDiff chunk : diff.chunks()) {
      table.row(
          Printable.of(chunk.name().orElseGet(() -> idOf(chunk)), 40),
          chunk.type().label(),
          Quantity.bytes(chunk.sizeAfter()),
          Quantity.count(chunk.blocks()),
          Quantity.count(chunk.changedBlocks()),
          Quantity.bytes(chunk.changedBytes()),
          Quantity.percent(chunk.changedBytes(), chunk.sizeAfter()),
          status(chunk));
    }
    if (!diff.chunks().isEmpty()) {
      lines.addAll(table.lines());
    }
    return lines;
  }

  private static String idOf(ChunkDiff chunk) {
    return chunk.id() == 0 ? "-" : ChunkAddress.idText(chunk.id());
  }

  /** With the size before, where it is another one. */
  private static String status(ChunkDiff chunk) {
    String status = word(chunk);
    boolean resized =
        chunk.status() == ChunkDiff.Status.CHANGED && chunk.sizeBefore() != chunk.sizeAfter();
    return chunk.status() == ChunkDiff.Status.REMOVED || resized
        ? status + ", had " + Quantity.bytes(chunk.sizeBefore())
        : status;
  }

  private static String word(ChunkDiff chunk) {
    return chunk.status().name().toLowerCase(Locale.ROOT);
  }

  private static Json json(CheckpointDiff diff) {
    return new Json()
        .put("before", diff.before())
        .put("after", diff.after())
        .put("same", diff.isSame())
        .put("block_size", diff.blockSize())
        .put("changed_blocks", diff.changedBlocks())
        .put("changed_bytes", diff.changedBytes())
        .put("chunks", diff.chunks().stream().map(DiffCommand::json).toList());
  }

  private static Json json(ChunkDiff chunk) {
    return Chunks.identity(chunk.type(), chunk.id(), chunk.occurrence(), chunk.name())
        .put("status", word(chunk))
        .put("bytes", chunk.sizeAfter())
        .put("bytes_before", chunk.sizeBefore())
        .put("blocks", chunk.blocks())
        .put("changed_blocks", chunk.changedBlocks())
        .put("changed_bytes", chunk.changedBytes())
        .put("changed_runs", runs(chunk.changed()));
  }

  /** The first block and the number of blocks of each run. */
  private static List<List<Integer>> runs(BitSet changed) {
    List<List<Integer>> runs = new ArrayList<>();
    for (int from = changed.nextSetBit(0); from >= 0; ) {
      int to = changed.nextClearBit(from);
      runs.add(List.of(from, to - from));
      from = changed.nextSetBit(to);
    }
    return runs;
  }
}
