package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointBuilder;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import java.time.Duration;
import java.util.List;
import java.util.Queue;

/**
 * A second state, which a capture is copied to, so that the kernel runs on while its checkpoint is
 * read. It is made once, and lent to one checkpoint at a time. For the kernel's thread only.
 */
final class WaveShadow {
  private final String kernelId;
  private final int size;
  private final WaveState state;
  private final WaveState copy;
  private final Crew crew;
  private final KernelLoop loop;
  private boolean isLent;

  /**
   * @param state what is captured
   * @param copy as large
   */
  WaveShadow(
      String kernelId, int size, WaveState state, WaveState copy, Crew crew, KernelLoop loop) {
    this.kernelId = kernelId;
    this.size = size;
    this.state = state;
    this.copy = copy;
    this.crew = crew;
    this.loop = loop;
  }

  /** Whether a checkpoint is still read from it. */
  boolean isLent() {
    return isLent;
  }

  /** Captures the state as it is now for the first who still waits, unless it is lent. */
  void lendTo(Queue<Answer<Checkpoint>> waiting) {
    while (!isLent && !waiting.isEmpty()) {
      Answer<Checkpoint> answer = waiting.remove();
      if (answer.isWanted()) {
        answer.give(capture());
      }
    }
  }

  private Checkpoint capture() {
    long quiesced = System.nanoTime();
    copy.copyFrom(state, crew);
    Duration stall = Duration.ofNanos(System.nanoTime() - quiesced);
    isLent = true;
    return checkpoint(new CaptureReport(stall, CaptureReport.Mode.SHADOW, List.of()));
  }

  private Checkpoint checkpoint(CaptureReport report) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(kernelId, WaveKernel.TYPE)
            .step(copy.control().step())
            .gridSize(new Dim3(size, size, size))
            .tileSize(new Dim3(size, size, 1))
            .hlc(copy.time())
            .build();
    CheckpointBuilder checkpoint = Checkpoint.builder(metadata);
    for (WaveState.Part part : copy.parts()) {
      ChunkContent content = ChunkContent.of(part.memory().asReadOnlyBuffer().clear());
      DataChunk chunk = DataChunk.of(part.type(), part.id(), content);
      checkpoint.chunk(part.name() == null ? chunk : chunk.withName(part.name()));
    }
    return checkpoint.capture(report).onClose(() -> loop.tell(() -> isLent = false)).build();
  }
}
