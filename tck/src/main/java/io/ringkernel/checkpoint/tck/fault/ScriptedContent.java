package io.ringkernel.checkpoint.tck.fault;

import io.ringkernel.checkpoint.ChunkContent;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import reactor.core.publisher.Mono;

/**
 * A content whose reads do what a test wants: fail, wait, give too little, or what another content
 * gives.
 *
 * @param size in bytes, whether or not reads give as many
 * @param reads gets offset and target, as {@link ChunkContent#read} does
 */
public record ScriptedContent(long size, BiFunction<Long, ByteBuffer, Mono<Integer>> reads)
    implements ChunkContent {
  /**
   * One that can't be read.
   *
   * @param size in bytes
   * @param error what each read fails with
   */
  public static ScriptedContent failing(long size, Throwable error) {
    return new ScriptedContent(size, (offset, target) -> Mono.error(error));
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return reads.apply(offset, target);
  }
}
