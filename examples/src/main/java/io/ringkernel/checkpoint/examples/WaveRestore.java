package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.error.KernelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads a checkpoint into a state of its own, or refuses it, so that a kernel takes over all of it
 * or nothing.
 */
final class WaveRestore {
  private final String kernelId;
  private final String kernelType;
  private final int size;

  WaveRestore(String kernelId, String kernelType, int size) {
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
          WaveState state = WaveState.onHeap(size);
          Map<WaveState.Part, DataChunk> plan = match(checkpoint, state.parts());
          return Flux.fromIterable(plan.entrySet())
              .concatMap(entry -> fill(entry.getKey(), entry.getValue()), 1)
              .then(Mono.fromSupplier(() -> checked(state, checkpoint)));
        });
  }

  /** Which chunk goes where. Every chunk must have a place, and every place exactly one chunk. */
  private Map<WaveState.Part, DataChunk> match(Checkpoint checkpoint, List<WaveState.Part> parts) {
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
    Map<WaveState.Part, DataChunk> plan = new HashMap<>();
    for (DataChunk chunk : checkpoint.chunks()) {
      WaveState.Part part = placeOf(chunk, parts);
      if (part == null) {
        throw refused("this kernel has no place for its chunk " + chunk);
      }
      if (plan.put(part, chunk) != null) {
        throw refused("it has two chunks " + part.label());
      }
    }
    for (WaveState.Part part : parts) {
      DataChunk chunk = plan.get(part);
      if (chunk == null) {
        throw refused("it has no chunk " + part.label());
      }
      requireSize(part, chunk);
    }
    return plan;
  }

  private static WaveState.@Nullable Part placeOf(DataChunk chunk, List<WaveState.Part> parts) {
    return parts.stream()
        .filter(part -> part.type().equals(chunk.type()) && part.id() == chunk.id())
        .findFirst()
        .orElse(null);
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

  private Mono<Integer> fill(WaveState.Part part, DataChunk chunk) {
    int needed = part.memory().capacity();
    return chunk
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
