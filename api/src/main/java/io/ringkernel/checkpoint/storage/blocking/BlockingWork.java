package io.ringkernel.checkpoint.storage.blocking;

/**
 * Blocking code for one subscription; whatever it throws becomes the subscription's error.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
public interface BlockingWork<T> {
  /**
   * Does it, on one of the storage's threads.
   *
   * @param attempt tells whether anybody still wants it
   */
  T run(Attempt attempt) throws Exception;
}
