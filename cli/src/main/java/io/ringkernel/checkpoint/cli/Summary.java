package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.Table;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a checkpoint is of and how it is stored, for people; {@link SummaryJson} for programs. */
final class Summary {
  /** More than a screen of them helps nobody; programs get all. */
  private static final int MOST_SHOWN = 40;

  private static final int WIDEST = 72;

  /** What people paste into another command is shown whole, unless it was made to be a nuisance. */
  private static final int WIDEST_NAME = 256;

  private final String shown;
  private final CheckpointFile file;
  private final @Nullable CheckpointInfo info;
  private final List<Ancestry.Part> ancestry;
  private final List<ChunkLayout> chunks;

  /**
   * @param shown its name or path
   * @param file opened
   * @param info what its store knows of it; null for a file outside a store
   * @param ancestry where the blocks of a delta are; empty for a full one
   */
  Summary(
      String shown,
      CheckpointFile file,
      @Nullable CheckpointInfo info,
      List<Ancestry.Part> ancestry) {
    this.ancestry = ancestry;
    this.shown = shown;
    this.file = file;
    this.info = info;
    this.chunks = Sources.chunks(file);
  }

  /** For people: harmless lines. */
  List<String> lines() {
    CheckpointMetadata metadata = file.metadata();
    List<String> lines = new ArrayList<>();
    lines.add(Printable.of(shown));
    String kernelId = Printable.of(metadata.kernelId(), WIDEST_NAME);
    fact(lines, "kernel", '"' + kernelId + '"' + type(metadata.kernelType()));
    fact(lines, "step", Quantity.count(metadata.step()));
    fact(lines, "created", Quantity.moment(metadata.createdAt()));
    if (!metadata.hlc().equals(HlcTimestamp.ZERO)) {
      fact(lines, "hlc", metadata.hlc().toString());
    }
    if (!metadata.gridSize().equals(Dim3.NONE)) {
      fact(lines, "grid", size(metadata.gridSize()) + ", tiles of " + size(metadata.tileSize()));
    }
    fact(lines, "format", format());
    stored(lines);
    entries(lines, metadata.custom());
    chunkTable(lines);
    return lines;
  }

  static void fact(List<String> lines, String name, String value) {
    lines.add(String.format("  %-9s %s", name, value));
  }

  private static String type(String kernelType) {
    return kernelType.isEmpty() ? "" : ", type " + quoted(kernelType);
  }

  private static String quoted(String text) {
    return '"' + Printable.of(text, WIDEST) + '"';
  }

  private static String size(Dim3 size) {
    return Integer.toUnsignedString(size.x())
        + " x "
        + Integer.toUnsignedString(size.y())
        + " x "
        + Integer.toUnsignedString(size.z());
  }

  private String format() {
    String version = Integer.toUnsignedString(file.header().version());
    String algorithm = file.fingerprints().map(Enum::name).orElse("");
    return file.header().version() == 1
        ? version
        : version
            + ", blocks of "
            + Quantity.bytes(file.blockSize())
            + ", fingerprints "
            + algorithm.replace('_', '-');
  }

  private void stored(List<String> lines) {
    if (info != null && info.managed()) {
      String sequence = Long.toUnsignedString(info.sequence());
      String kind =
          Receipts.kind(info.kind())
              + (info.imported() ? ", imported" : ", commit " + sequence + " of its kernel");
      fact(lines, "kind", info.savepoint() ? kind + "; a savepoint, never pruned" : kind);
      if (!info.tags().isEmpty()) {
        fact(lines, "tags", tags(info));
      }
    }
    WholeChunkDelta.parentDigest(file)
        .ifPresent(
            digest -> fact(lines, "delta", "of whole chunks, on a base with digest " + digest));
    if (file.objectId() != null) {
      fact(lines, "object", file.objectId().hex());
    }
    if (file.rootHash() != null) {
      fact(lines, "root", file.rootHash().hex());
    }
    ancestry(lines);
    long state = file.stateSize();
    fact(lines, "size", size(state, "a file", file.size()) + ", " + compression(codec(file)));
  }

  /** State and what it takes. */
  static String size(long state, String where, long stored) {
    return Quantity.bytes(state)
        + " of state in "
        + where
        + " of "
        + Quantity.bytes(stored)
        + ", ratio "
        + Quantity.ratio(state, stored);
  }

  /** Where the blocks are, of a delta. */
  private void ancestry(List<String> lines) {
    if (ancestry.isEmpty()) {
      return;
    }
    fact(lines, "refers to", Quantity.plural(ancestry.size(), "other object") + ":");
    Table table = new Table().left("OBJECT").right("BLOCKS").right("STATE").left("CHECKPOINT");
    for (Ancestry.Part part : ancestry.subList(0, Math.min(MOST_SHOWN, ancestry.size()))) {
      table.row(
          part.id().hex(),
          part.blocks() == null ? "-" : Quantity.count(part.blocks()),
          part.bytes() == null ? "-" : Quantity.bytes(part.bytes()),
          part.name() == null ? "-" : Printable.of(part.name()));
    }
    table.lines().forEach(line -> lines.add("    " + line));
    more(lines, ancestry.size());
  }

  private static void entries(List<String> lines, Map<String, String> custom) {
    if (custom.isEmpty()) {
      return;
    }
    fact(lines, "entries", Quantity.count(custom.size()));
    custom.entrySet().stream()
        .limit(MOST_SHOWN)
        .map(entry -> "    " + quoted(entry.getKey()) + " = " + quoted(entry.getValue()))
        .forEach(lines::add);
    more(lines, custom.size());
  }

  private void chunkTable(List<String> lines) {
    fact(lines, "chunks", Quantity.count(chunks.size()));
    if (chunks.isEmpty()) {
      return;
    }
    Table table = new Table().left("NAME").left("TYPE").left("ID").right("SIZE").right("STORED");
    table.right("RATIO").right("BLOCKS").right("FLAGS");
    for (ChunkLayout layout : chunks.subList(0, Math.min(MOST_SHOWN, chunks.size()))) {
      DataChunk chunk = layout.chunk();
      table.row(
          chunk.name().map(name -> Printable.of(name, WIDEST_NAME)).orElse("-"),
          chunk.type().label(),
          ChunkAddress.idText(chunk.id()),
          Quantity.bytes(chunk.size()),
          Quantity.bytes(layout.storedSize()),
          Quantity.ratio(chunk.size(), layout.storedSize()),
          layout.blocks() == 0 ? "-" : Quantity.count(layout.blocks()),
          Integer.toUnsignedString(chunk.flags()));
    }
    table.lines().forEach(line -> lines.add("    " + line));
    more(lines, chunks.size());
  }

  private static void more(List<String> lines, int count) {
    if (count > MOST_SHOWN) {
      lines.add("    and " + Quantity.count(count - MOST_SHOWN) + " more; --json shows all");
    }
  }

  /** The tags, in one harmless text. */
  static String tags(CheckpointInfo info) {
    return info.tags().stream()
        .sorted()
        .map(tag -> Printable.of(tag, WIDEST_NAME))
        .collect(Collectors.joining(", "));
  }

  /** A codec, with its level or without, that a file's writer was asked for, for people. */
  static String compression(String codec) {
    return codec.equals(Compression.NONE.codec()) ? "not compressed" : Printable.of(codec);
  }

  /** The compression that the file's writer was asked for. */
  static String codec(CheckpointFile file) {
    int code = file.header().compression();
    return switch (code) {
      case 0 -> "none";
      case 1 -> "lz4";
      case 2 -> "zstd";
      default -> Integer.toUnsignedString(code);
    };
  }
}
