package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.Random;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Some space of a store's that is in use only so that it can be given up: a full storage could not
 * be made empty else, since whoever removes objects first writes down which. This is the storage as
 * those see it.
 */
final class SpaceReserve extends LentStorage {
  /** Room for the records of a collection of {@link Removal#FEW} objects, and for directories. */
  static final int BYTES = 256 << 10;

  SpaceReserve(CheckpointStorage storage) {
    super(storage);
  }

  /** Whether a write was refused for a reason that room might help against. */
  static boolean mayBeFull(Throwable error) {
    return error instanceof StorageException storage && !storage.isTransient();
  }

  /** Makes sure that it is there, if there is room for it. */
  Mono<Void> keep() {
    return exists(StoreNames.RESERVE)
        .flatMap(
            there ->
                there
                    ? Mono.empty()
                    : super.save(
                        StoreNames.RESERVE,
                        Mono.fromSupplier(SpaceReserve::bytes),
                        SaveOptions.onlyIfAbsent()))
        .then()
        .onErrorComplete();
  }

  /** Bytes that no file system makes smaller. */
  private static OwnedBuffer bytes() {
    byte[] bytes = new byte[BYTES];
    new Random().nextBytes(bytes);
    return OwnedBuffer.unpooled(ByteBuffer.wrap(bytes));
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    Mono<StoredObject> save = super.save(name, content, options);
    return save.onErrorResume(
        SpaceReserve::mayBeFull,
        e ->
            delete(StoreNames.RESERVE)
                .onErrorReturn(false)
                .flatMap(given -> given ? save : Mono.error(e)));
  }
}
