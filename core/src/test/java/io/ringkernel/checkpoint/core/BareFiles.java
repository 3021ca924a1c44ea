package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Files as somebody without this library would have put them into a store. */
final class BareFiles {
  private BareFiles() {}

  static void put(CheckpointStorage storage, String name, Checkpoint state, int version) {
    put(storage, name, encoded(state, version));
  }

  static void put(CheckpointStorage storage, String name, byte[] bytes) {
    storage
        .save(
            name,
            Mono.fromSupplier(() -> OwnedBuffer.unpooled(ByteBuffer.wrap(bytes))),
            SaveOptions.replace())
        .block(TestStates.LONG);
  }

  static byte[] encoded(Checkpoint state, int version) {
    EncodeOptions options =
        EncodeOptions.builder().formatVersion(version).createdAtMicros(1_700_000_000).build();
    try (CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build()) {
      return collected(codec.encode(state, options));
    }
  }

  /** What is stored under a name, byte for byte. */
  static byte[] stored(CheckpointStorage storage, String name) {
    return collected(storage.read(name, Range.all(), null).flatMapMany(ObjectRead::bytes));
  }

  private static byte[] collected(Flux<OwnedBuffer> buffers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    buffers
        .doOnNext(
            owned -> {
              try (owned) {
                byte[] part = new byte[owned.buffer().remaining()];
                owned.buffer().get(part);
                bytes.writeBytes(part);
              }
            })
        .then()
        .block(TestStates.LONG);
    return bytes.toByteArray();
  }
}
