package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A SHA-256 of all chunks: tells checkpoints apart that a CRC-32 does not. */
final class ContentHash {
  private static final int READ_BYTES = 256 << 10;

  private ContentHash() {}

  /** Reads all state. */
  static Mono<String> of(Checkpoint checkpoint) {
    return Mono.defer(
        () -> {
          MessageDigest digest = sha256();
          return Flux.fromIterable(checkpoint.chunks())
              .concatMap(chunk -> add(digest, chunk), 1)
              .then(Mono.fromSupplier(() -> HexFormat.of().formatHex(digest.digest())));
        });
  }

  private static Mono<Void> add(MessageDigest digest, DataChunk chunk) {
    return Mono.defer(
        () -> {
          ByteBuffer identity = ByteBuffer.allocate(Integer.BYTES + Long.BYTES + Long.BYTES);
          identity.putInt(chunk.type().code()).putLong(chunk.id()).putLong(chunk.size());
          digest.update(identity.flip());
          return chunk.content().buffers(READ_BYTES).doOnNext(digest::update).then();
        });
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
