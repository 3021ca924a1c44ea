package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Mono;

/**
 * The identity of a store as a near tier, by which copies in the far tier tell where they come
 * from. A store that was lost and made anew is another one.
 */
final class NearTier {
  private NearTier() {}

  /** Reads it, or makes it. */
  static Mono<ObjectId> identity(Engine near) {
    return read(near)
        .switchIfEmpty(
            Mono.defer(
                () ->
                    near.ids
                        .next()
                        .flatMap(
                            id ->
                                near.small.write(StoreNames.TIER, encoded(id), null).thenReturn(id))
                        .onErrorResume(AlreadyExistsException.class, e -> read(near))));
  }

  private static Mono<ObjectId> read(Engine near) {
    return near.small
        .read(StoreNames.TIER, RecordKind.TIER)
        .map(
            start -> RecordReader.parse(RecordKind.TIER, start.bytes()).value("id", ObjectId::new));
  }

  private static byte[] encoded(ObjectId id) {
    return new RecordWriter(RecordKind.TIER).line("id", id.hex()).bytes();
  }
}
