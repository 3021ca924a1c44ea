package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.UnreadableCheckpoint;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a checkpoint is of and how it is stored, for programs. */
final class SummaryJson {
  private SummaryJson() {}

  /**
   * Everything.
   *
   * @param shown its name or path
   * @param file opened
   * @param info what its store knows of it; null for a file outside a store
   * @param ancestry where the blocks of a delta are; empty for a full one
   */
  static Json of(
      String shown,
      CheckpointFile file,
      @Nullable CheckpointInfo info,
      List<Ancestry.Part> ancestry) {
    List<Json> all = new ArrayList<>();
    for (ChunkLayout layout : Sources.chunks(file)) {
      all.add(
          Chunks.identity(layout)
              .put("stored_bytes", layout.storedSize())
              .put("blocks", layout.blocks())
              .put("flags", Integer.toUnsignedLong(layout.chunk().flags())));
    }
    Json json = info == null ? ofFile(shown, file) : of(info);
    return json.put("block_size", file.blockSize())
        .put("fingerprints", file.fingerprints().map(Enum::name).orElse(null))
        .put("grid", extent(file.metadata().gridSize()))
        .put("tile", extent(file.metadata().tileSize()))
        .put("hlc", clock(file.metadata().hlc()))
        .put("custom", file.metadata().custom())
        .put("ancestry", ancestry.stream().map(SummaryJson::part).toList())
        .put("chunks", all);
  }

  /** What can't be read, and why. */
  static Json of(UnreadableCheckpoint broken) {
    return new Json()
        .put("name", broken.name())
        .put("kind", "unreadable")
        .put("error", Failures.message(broken.problem()));
  }

  private static Json part(Ancestry.Part part) {
    return new Json()
        .put("object_id", part.id().hex())
        .put("name", part.name())
        .put("blocks", part.blocks())
        .put("state_bytes", part.bytes());
  }

  private static Json ofFile(String shown, CheckpointFile file) {
    List<String> ancestors =
        file.ancestors().stream().map(Ancestor::id).map(Object::toString).toList();
    Json json = new Json().put("name", shown).put("managed", false);
    return subject(json, file.metadata())
        .put("kind", ancestors.isEmpty() ? "full" : "delta")
        .put("format", file.header().version())
        .put("compression", Summary.codec(file))
        .put("object_id", text(file.objectId()))
        .put("root_hash", text(file.rootHash()))
        .unsigned("sequence", 0)
        .put("state_bytes", file.stateSize())
        .put("file_bytes", file.size())
        .put("tags", List.of())
        .put("savepoint", false)
        .put("ancestors", ancestors);
  }

  /** What a store knows of a checkpoint. */
  static Json of(CheckpointInfo info) {
    Json json = new Json().put("name", info.name()).put("managed", info.managed());
    return subject(json, info.metadata())
        .put("kind", Receipts.kind(info.kind()))
        .put("format", info.formatVersion())
        .put("compression", info.codec())
        .put("object_id", text(info.objectId()))
        .put("root_hash", text(info.rootHash()))
        .unsigned("sequence", info.sequence())
        .put("imported", info.imported())
        .put("state_bytes", info.stateSize().isPresent() ? info.stateSize().getAsLong() : null)
        .put("file_bytes", info.fileSize())
        .put("tags", info.tags().stream().sorted().toList())
        .put("savepoint", info.savepoint())
        .put("ancestors", info.ancestors().stream().map(Object::toString).toList());
  }

  private static Json subject(Json json, CheckpointMetadata metadata) {
    return json.put("kernel_id", metadata.kernelId())
        .put("kernel_type", metadata.kernelType())
        .unsigned("step", metadata.step())
        .unsigned("created_at_micros", metadata.createdAtMicros());
  }

  private static List<Long> extent(Dim3 size) {
    return List.of(
        Integer.toUnsignedLong(size.x()),
        Integer.toUnsignedLong(size.y()),
        Integer.toUnsignedLong(size.z()));
  }

  static Json clock(HlcTimestamp hlc) {
    return new Json()
        .unsigned("physical", hlc.physical())
        .unsigned("logical", hlc.logical())
        .unsigned("node", hlc.nodeId());
  }

  private static @Nullable String text(@Nullable Object id) {
    return id == null ? null : id.toString();
  }
}
