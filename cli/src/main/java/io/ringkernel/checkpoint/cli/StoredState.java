package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The state that a checkpoint stands for, as those read it who want it back.
 *
 * @param metadata what it is of
 * @param createdAtMicros when it was made; unsigned
 * @param chunks in order, with the names that are known
 */
record StoredState(CheckpointMetadata metadata, long createdAtMicros, List<ChunkLayout> chunks) {
  private record Identity(ChunkType type, long id) {}

  /** Of a file as it is. */
  static StoredState of(CheckpointFile file) {
    return new StoredState(file.metadata(), file.header().createdAtMicros(), Sources.chunks(file));
  }

  /** Of a delta of version 1 that was applied on its base. */
  static StoredState applied(CheckpointFile delta, Checkpoint whole) {
    List<ChunkLayout> chunks = new ArrayList<>();
    Map<Identity, Integer> occurrences = new HashMap<>();
    for (DataChunk chunk : whole.chunks()) {
      int number = occurrences.merge(new Identity(chunk.type(), chunk.id()), 1, Integer::sum);
      chunks.add(new ChunkLayout(chunk, number - 1, chunk.size(), chunk.size(), 0, 0));
    }
    return new StoredState(
        WholeChunkDelta.standingAlone(whole.metadata()),
        delta.header().createdAtMicros(),
        RegionNames.applied(chunks, whole.metadata().custom()));
  }
}
