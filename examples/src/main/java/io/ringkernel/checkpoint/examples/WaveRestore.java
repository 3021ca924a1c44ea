package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.error.KernelException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads a checkpoint into a state of its own, or refuses it, so that a kernel takes over all of it
 * or nothing.
 */
final class WaveRestore {
  /** A chunk and where it goes. */
  private record Placed(WaveState.Part part, DataChunk chunk) {}

  private final String kernelId;
  private final String kernelType;
  private final int size;
  private final Halo.@Nullable Face face;

  WaveRestore(String kernelId, String kernelType, int size, Halo.@Nullable Face face) {
    this.face = face;
    this.kernelId = kernelId;
    this.kernelType = kernelType;
    this.size = size;
  }

  /**
   * The checkpoint's state, whole and checked.
   *
   * <p>It is in heap memory of its own: when this is cancelled, a read may still be writing to it,
   * and nobody minds.
   */
  Mono<WaveState> read(Checkpoint checkpoint) {
    return Mono.defer(
        () -> {
          WaveState state = WaveState.onHeap(size, face);
          return Flux.fromIterable(match(checkpoint, state.parts()))
              .concatMap(this::fill, 1)
              .then(Mono.fromSupplier(() -> checked(state, checkpoint)));
        });
  }

  /** Which chunk goes where. Every chunk must have a place, and every place exactly one chunk. */
  private List<Placed> match(Checkpoint checkpoint, List<WaveState.Part> parts) {
    if (!checkpoint.metadata().kernelType().equals(kernelType)) {
      throw refused(
          "it is of kernel type '"
              + checkpoint.metadata().kernelType()
              + "', this kernel's is '"
              + kernelType
              + "'");
    }
    Dim3 grid = new Dim3(size, size, size);
    if (!checkpoint.metadata().gridSize().equals(grid)) {
      throw refused(
          "its grid is " + checkpoint.metadata().gridSize() + ", this kernel's is " + grid);
    }
    for (DataChunk chunk : checkpoint.chunks()) {
      if (parts.stream().noneMatch(part -> belongs(chunk, part))) {
        throw refused("this kernel has no place for its chunk " + chunk);
      }
    }
    return parts.stream().map(part -> new Placed(part, only(part, checkpoint.chunks()))).toList();
  }

  private DataChunk only(WaveState.Part part, List<DataChunk> chunks) {
    List<DataChunk> found = chunks.stream().filter(chunk -> belongs(chunk, part)).toList();
    if (found.size() != 1) {
      throw refused("it has " + found.size() + " chunks " + part.label() + " where 1 is needed");
    }
    requireSize(part, found.get(0));
    return found.get(0);
  }

  private static boolean belongs(DataChunk chunk, WaveState.Part part) {
    return part.type().equals(chunk.type()) && part.id() == chunk.id();
  }

  private void requireSize(WaveState.Part part, DataChunk chunk) {
    int needed = part.memory().capacity();
    if (chunk.size() != needed) {
      throw refused(
          "its chunk "
              + part.label()
              + " has "
              + chunk.size()
              + " bytes where "
              + needed
              + " are needed");
    }
  }

  private Mono<Integer> fill(Placed placed) {
    WaveState.Part part = placed.part;
    int needed = part.memory().capacity();
    return placed
        .chunk
        .content()
        .read(0, part.memory().duplicate().clear())
        .filter(read -> read == needed)
        .switchIfEmpty(
            Mono.error(() -> refused("its chunk " + part.label() + " ended before its size")));
  }

  private WaveState checked(WaveState state, Checkpoint checkpoint) {
    String problem = state.problem();
    if (problem != null) {
      throw refused("its chunk " + problem);
    }
    if (state.control().step() != checkpoint.metadata().step()) {
      throw refused(
          "its chunk control-block is of step "
              + state.control().step()
              + ", the checkpoint of step "
              + Long.toUnsignedString(checkpoint.metadata().step()));
    }
    return state;
  }

  private KernelException refused(String reason) {
    return new KernelException(
        kernelId,
        KernelException.Phase.RESTORE,
        "can't take over the checkpoint: " + reason + "; nothing was changed",
        null);
  }
}
