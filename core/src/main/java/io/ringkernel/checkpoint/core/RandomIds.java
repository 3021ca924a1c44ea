package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Makes ids and nonces: the system's source of randomness may block. */
final class RandomIds {
  private final Scheduler thread =
      Schedulers.newBoundedElastic(1, Integer.MAX_VALUE, "rkcp-ids", 10, true);

  /** A new one with each subscription. */
  Mono<ObjectId> next() {
    return Mono.fromCallable(ObjectId::random).subscribeOn(thread);
  }

  void dispose() {
    thread.dispose();
  }
}
