package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.ChunkLayout;
import java.util.List;
import java.util.Map;

/**
 * The names of regions in version 1, which itself keeps only a hash of each: as custom entries
 * {@code rkcp.region.<the id in 16 hex digits>} = name.
 */
final class RegionNames {
  private static final String PREFIX = "rkcp.region.";

  private RegionNames() {}

  /** The metadata for a file of version 1, with an entry for each region that has a name. */
  static CheckpointMetadata kept(CheckpointMetadata metadata, List<DataChunk> chunks) {
    CheckpointMetadata.Builder kept = metadata.toBuilder();
    for (DataChunk chunk : chunks) {
      chunk
          .name()
          .filter(name -> isNameOf(name, chunk))
          .ifPresent(name -> kept.custom(key(chunk), name));
    }
    return kept.build();
  }

  /** The chunks, each with its name when it, or an entry, tells it. */
  static List<ChunkLayout> applied(List<ChunkLayout> layouts, Map<String, String> custom) {
    return layouts.stream()
        .map(
            layout -> {
              DataChunk chunk = layout.chunk();
              String name = custom.get(key(chunk));
              return name == null || chunk.name().isPresent() || !isNameOf(name, chunk)
                  ? layout
                  : renamed(layout, name);
            })
        .toList();
  }

  /** An entry is what anybody wrote into a file: it counts only when it has the region's hash. */
  private static boolean isNameOf(String name, DataChunk chunk) {
    return chunk.type().equals(ChunkType.DEVICE_MEMORY) && DataChunk.regionId(name) == chunk.id();
  }

  private static String key(DataChunk chunk) {
    return PREFIX + String.format("%016x", chunk.id());
  }

  static ChunkLayout renamed(ChunkLayout layout, String name) {
    return new ChunkLayout(
        layout.chunk().withName(name),
        layout.occurrence(),
        layout.declaredSize(),
        layout.storedSize(),
        layout.position(),
        layout.blocks());
  }
}
