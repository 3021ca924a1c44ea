package io.ringkernel.checkpoint.tck.kernel;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Makes checkpoints for restores, whose memory is garbage once they are closed. */
final class SampleCheckpoints {
  private final TrackedBuffers buffers;
  private final Set<Thread> readers = ConcurrentHashMap.newKeySet();

  SampleCheckpoints(TrackedBuffers buffers) {
    this.buffers = buffers;
  }

  /** The threads that subscribed to reads of any content so far. */
  Set<Thread> readers() {
    return readers;
  }

  Checkpoint of(CheckpointMetadata metadata, List<StatePart> parts) {
    return of(metadata, parts, -1, null);
  }

  /**
   * One with something between the two halves of each read of one chunk.
   *
   * @param index of that chunk
   * @param halfWay an error, or one that waits
   */
  Checkpoint of(
      CheckpointMetadata metadata, List<StatePart> parts, int index, @Nullable Mono<Void> halfWay) {
    List<OwnedBuffer> memory = new ArrayList<>();
    List<DataChunk> chunks = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      StatePart part = parts.get(i);
      OwnedBuffer copy = buffers.track(ByteBuffer.wrap(part.bytes().clone()));
      memory.add(copy);
      chunks.add(part.chunk(new ServedContent(copy, i == index ? halfWay : null, readers::add)));
    }
    return Checkpoint.of(metadata, chunks, () -> memory.forEach(OwnedBuffer::close));
  }
}
