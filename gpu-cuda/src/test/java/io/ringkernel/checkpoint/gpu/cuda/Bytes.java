package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/** Bytes for tests. */
final class Bytes {
  static final Duration LONG = Duration.ofSeconds(60);

  private Bytes() {}

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] of(DataChunk chunk) {
    ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
    chunk.content().read(0, target).block(LONG);
    return target.array();
  }

  /**
   * The same checkpoint, of whose last chunk reads do something else.
   *
   * @param reads what comes of each read of it
   */
  static Checkpoint lastReadAs(Checkpoint whole, UnaryOperator<Mono<Integer>> reads) {
    List<DataChunk> chunks = new ArrayList<>(whole.chunks());
    DataChunk last = chunks.remove(chunks.size() - 1);
    chunks.add(
        last.withContent(
            new ScriptedContent(
                last.size(),
                (offset, target) -> reads.apply(last.content().read(offset, target)))));
    return Checkpoint.of(whole.metadata(), chunks, () -> {});
  }
}
