package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import reactor.core.publisher.Mono;

/**
 * The storage's time: what it stamps a record with that is written now. The clocks of those who use
 * a store may differ by hours.
 */
final class StoreClock {
  private final CheckpointStorage storage;
  private final RandomIds ids;

  StoreClock(CheckpointStorage storage, RandomIds ids) {
    this.storage = storage;
    this.ids = ids;
  }

  /** The time. */
  Mono<Instant> now() {
    return ids.next().flatMap(this::now);
  }

  private Mono<Instant> now(ObjectId writer) {
    byte[] record = new RecordWriter(RecordKind.CLOCK).line("writer", writer.hex()).bytes();
    return storage
        .save(
            StoreNames.CLOCK,
            Mono.fromSupplier(() -> OwnedBuffer.unpooled(ByteBuffer.wrap(record))),
            SaveOptions.replace())
        .map(StoredObject::lastModified);
  }
}
