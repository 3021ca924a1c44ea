package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.concurrent.Callable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Makes ids and nonces: the system's source of randomness may block. */
final class RandomIds {
  private final Callable<ObjectId> source;
  private final Scheduler thread;

  RandomIds() {
    this(ObjectId::random, DetachedThreads.bounded("rkcp-ids", 1));
  }

  /**
   * @param source gives a new id with each call, and may block
   * @param thread where it is called
   */
  RandomIds(Callable<ObjectId> source, Scheduler thread) {
    this.source = source;
    this.thread = thread;
  }

  /** A new one with each subscription. */
  Mono<ObjectId> next() {
    return Mono.fromCallable(source).subscribeOn(thread);
  }

  void dispose() {
    thread.dispose();
  }
}
