package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The record under a managed checkpoint's name.
 *
 * @param file the object
 * @param metadata what it is a checkpoint of, without custom entries: those may be large and are in
 *     the object
 * @param mark which commit it is of
 * @param tags names that somebody gave it
 * @param savepoint whether pruning never touches it
 * @param fences how often this was changed only to refuse a writer: one that a collector held dead,
 *     or of another kernel; unsigned
 * @param successor the kernel whose save is about to replace this; null: its own, if any. Only that
 *     kernel's head may hold a commit that waits to do so; it holds for this one version, and is
 *     dropped whenever the entry is written again
 * @param origin the commit in another store that it was copied from; null when it is no copy
 * @param rest lines of a later release, kept when this is written again
 */
record Entry(
    StoredFile file,
    CheckpointMetadata metadata,
    CommitMark mark,
    SortedSet<String> tags,
    boolean savepoint,
    long fences,
    @Nullable String successor,
    @Nullable Origin origin,
    List<String> rest) {
  /** A new entry; custom entries are left out. */
  static Entry of(
      StoredFile file, CheckpointMetadata metadata, CommitMark mark, boolean savepoint) {
    CheckpointMetadata known = metadata.withCustom(Map.of());
    return new Entry(file, known, mark, new TreeSet<>(), savepoint, 0, null, null, List.of());
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.ENTRY);
    out.line("object", file.objectId().hex())
        .numbers("format", file.formatVersion())
        .line("kind", file.kind() == CheckpointKind.FULL ? "full" : "delta");
    RootHash rootHash = file.rootHash();
    if (rootHash != null) {
      out.line("root", rootHash.hex());
    }
    Integer headerCrc32 = file.headerCrc32();
    if (headerCrc32 != null) {
      out.line("header-crc32", HexFormat.of().toHexDigits(headerCrc32));
    }
    out.numbers("file-size", file.fileSize())
        .numbers("state-size", file.stateSize())
        .line("codec", file.codec());
    describe(out);
    out.numbers("sequence", mark.sequence())
        .numbers("epoch", mark.epoch())
        .line("nonce", mark.nonce().hex());
    out.flag("imported", mark.imported()).flag("savepoint", savepoint);
    if (!tags.isEmpty()) {
      out.line("tags", tags.toArray(String[]::new));
    }
    out.count("fences", fences);
    if (successor != null) {
      out.line("successor", successor);
    }
    if (origin != null) {
      origin.write(out);
    }
    return out.ids("ancestors", file.ancestors()).raw(rest).bytes();
  }

  /** The whole record as one text in another record. */
  String quoted() {
    return new String(encode(), StandardCharsets.US_ASCII);
  }

  private void describe(RecordWriter out) {
    Dim3 grid = metadata.gridSize();
    Dim3 tile = metadata.tileSize();
    out.line("kernel-id", metadata.kernelId())
        .line("kernel-type", metadata.kernelType())
        .numbers("step", metadata.step())
        .numbers("grid", unsigned(grid.x()), unsigned(grid.y()), unsigned(grid.z()))
        .numbers("tile", unsigned(tile.x()), unsigned(tile.y()), unsigned(tile.z()))
        .time("hlc", metadata.hlc())
        .numbers("created", metadata.createdAtMicros());
  }

  /**
   * Reads an entry.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static Entry decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.ENTRY, bytes);
    StoredFile file = file(in);
    CheckpointMetadata metadata = metadata(in);
    CommitMark mark =
        new CommitMark(
            in.number("sequence"),
            in.number("epoch"),
            in.value("nonce", ObjectId::new),
            in.flag("imported"));
    boolean savepoint = in.flag("savepoint");
    SortedSet<String> tags = new TreeSet<>(in.texts("tags"));
    long fences = in.count("fences");
    String successor = in.has("successor") ? in.text("successor") : null;
    Origin origin = Origin.read(in);
    return new Entry(file, metadata, mark, tags, savepoint, fences, successor, origin, in.rest());
  }

  /** Reads an entry that another record has as a text. */
  static Entry unquoted(String text) {
    return decode(text.getBytes(StandardCharsets.UTF_8));
  }

  private static StoredFile file(RecordReader in) {
    long format = in.number("format");
    if (format == 0) {
      throw new CorruptCheckpointException(0, "an entry's format is 0");
    }
    if (format != 1 && format != 2) {
      // Its checksum is right: a later release wrote it so.
      throw new UnsupportedVersionException(format, List.of(1, 2));
    }
    CheckpointKind kind = in.value("kind", Entry::kind);
    List<ObjectId> ancestors = in.ids("ancestors");
    if (format == 2 && (kind == CheckpointKind.DELTA) == ancestors.isEmpty()) {
      throw new CorruptCheckpointException(
          0, "an entry describes a delta without ancestors, or a full checkpoint with ancestors");
    }
    @Nullable RootHash rootHash = format == 2 ? in.value("root", RootHash::new) : null;
    @Nullable Integer headerCrc32 =
        format == 1 ? in.value("header-crc32", HexFormat::fromHexDigits) : null;
    return new StoredFile(
        in.value("object", ObjectId::new),
        (int) format,
        kind,
        rootHash,
        headerCrc32,
        in.signed("file-size"),
        in.signed("state-size"),
        in.text("codec"),
        ancestors);
  }

  private static CheckpointKind kind(String text) {
    return switch (text) {
      case "full" -> CheckpointKind.FULL;
      case "delta" -> CheckpointKind.DELTA;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static CheckpointMetadata metadata(RecordReader in) {
    return CheckpointMetadata.builder(in.text("kernel-id"), in.text("kernel-type"))
        .step(in.number("step"))
        .gridSize(dim3(in.numbers("grid", 3)))
        .tileSize(dim3(in.numbers("tile", 3)))
        .hlc(in.time("hlc"))
        .createdAtMicros(in.number("created"))
        .build();
  }

  private static Dim3 dim3(long[] extent) {
    for (long cells : extent) {
      if (cells >>> 32 != 0) {
        throw new CorruptCheckpointException(0, "an entry's extent is above 32 bits");
      }
    }
    return new Dim3((int) extent[0], (int) extent[1], (int) extent[2]);
  }

  private static long unsigned(int value) {
    return Integer.toUnsignedLong(value);
  }

  /** The same checkpoint in another object. */
  Entry withFile(StoredFile other) {
    return new Entry(other, metadata, mark, tags, savepoint, fences, null, origin, rest);
  }

  /** The same checkpoint as another commit. */
  Entry withMark(CommitMark other) {
    return new Entry(file, metadata, other, tags, savepoint, fences, null, origin, rest);
  }

  /** The same checkpoint with other tags. */
  Entry withTags(SortedSet<String> others) {
    return new Entry(file, metadata, mark, others, savepoint, fences, null, origin, rest);
  }

  /** The same checkpoint as a copy of another store's commit. */
  Entry copiedFrom(Origin other) {
    return new Entry(file, metadata, mark, tags, savepoint, fences, null, other, rest);
  }

  /** The same, about to be replaced by a kernel's save; the bytes are others than ever before. */
  Entry succeededBy(String kernelId) {
    String next = isOf(kernelId) ? null : kernelId;
    return new Entry(file, metadata, mark, tags, savepoint, fences + 1, next, origin, rest);
  }

  /** The one kernel whose head may hold a commit that waits to replace this. */
  String awaits() {
    return successor == null ? metadata.kernelId() : successor;
  }

  /** Whether both stand for one commit, whose bytes are the same wherever they were copied. */
  boolean isCopyOf(Entry other) {
    return Origin.of(this).isOf(other);
  }

  /** The same but for its bytes: a version that was read before is not there any more. */
  Entry fenced() {
    return new Entry(file, metadata, mark, tags, savepoint, fences + 1, null, origin, rest);
  }

  /** All objects that the checkpoint is made of. */
  Stream<ObjectId> objects() {
    return Stream.concat(Stream.of(file.objectId()), file.ancestors().stream());
  }

  boolean isOf(String kernelId) {
    return metadata.kernelId().equals(kernelId);
  }

  /** What users are told. */
  CheckpointInfo info(String name) {
    return new CheckpointInfo(
        name,
        true,
        metadata,
        file.kind(),
        file.formatVersion(),
        file.objectId(),
        file.rootHash(),
        mark.sequence(),
        mark.imported(),
        OptionalLong.of(file.stateSize()),
        file.fileSize(),
        file.codec(),
        Set.copyOf(tags),
        savepoint,
        file.ancestors());
  }
}
