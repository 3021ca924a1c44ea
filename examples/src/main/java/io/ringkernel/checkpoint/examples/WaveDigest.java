package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * SHA-256 over what the physics determines: the control block and the two pressure fields. Two runs
 * of one setup with the same sources have the same digest at the same step, bit for bit; the queues
 * and the clock also hold moments of the wall clock.
 */
public final class WaveDigest {
  private static final int READ_BYTES = 1 << 18;

  private WaveDigest() {}

  /**
   * The digest of a state.
   *
   * @param checkpoint of a wave kernel; stays the caller's, who keeps it open until this has ended
   * @return 64 hex digits; {@code IllegalArgumentException} when a chunk is missing
   */
  public static Mono<String> of(Checkpoint checkpoint) {
    return Mono.fromSupplier(WaveDigest::sha256)
        .flatMap(
            digest ->
                Flux.fromStream(() -> determined(checkpoint))
                    .concatMap(chunk -> chunk.content().buffers(READ_BYTES), 1)
                    .doOnNext(digest::update)
                    .then(Mono.fromSupplier(() -> HexFormat.of().formatHex(digest.digest()))));
  }

  private static Stream<DataChunk> determined(Checkpoint checkpoint) {
    return Stream.of(
            checkpoint.chunk(ChunkType.CONTROL_BLOCK),
            checkpoint.region(WaveState.PRESSURE_A),
            checkpoint.region(WaveState.PRESSURE_B))
        .map(
            chunk ->
                chunk.orElseThrow(
                    () -> new IllegalArgumentException(checkpoint + " is not of a wave kernel")));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
