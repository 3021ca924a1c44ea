package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import reactor.core.publisher.Mono;

/**
 * The kernels that one checkpointer has claimed. A claim raises the epoch in the kernel's head, so
 * that whoever claimed before can't commit any more.
 */
final class Claims {
  /**
   * The right to commit for a kernel, as long as the head says so.
   *
   * @param kernelId which kernel
   * @param epoch that the claim made; unsigned
   * @param writer who claimed
   */
  record Claim(String kernelId, long epoch, ObjectId writer) {
    /** Refuses to go on when somebody else has claimed since. */
    void requireCurrent(Head head) {
      // A head that is behind was lost with its store: then nobody else has claimed.
      if (Long.compareUnsigned(head.epoch(), epoch) > 0) {
        throw new StaleWriterException(kernelId, epoch, head.epoch());
      }
    }
  }

  private final Heads heads;
  private final ObjectId writer;
  private final ConcurrentMap<String, Mono<Claim>> claims = new ConcurrentHashMap<>();

  Claims(Heads heads) {
    this(heads, ObjectId.random());
  }

  /**
   * @param writer in whose name; the same one claims nothing anew
   */
  Claims(Heads heads, ObjectId writer) {
    this.heads = heads;
    this.writer = writer;
  }

  /** Tells this writer's clock from others. */
  long node() {
    return Long.parseUnsignedLong(writer.hex().substring(0, 16), 16);
  }

  /**
   * Claims a kernel, once for all who ask meanwhile. An attempt that failed is made again, and so
   * is one that nobody waited for any more, which is cancelled.
   */
  Mono<Claim> claim(String kernelId) {
    return Mono.defer(() -> claims.computeIfAbsent(kernelId, id -> new Attempt(id).shared));
  }

  /** An attempt, which gives its place to the claim that it made, or to the next one. */
  private final class Attempt {
    final Mono<Claim> shared;

    Attempt(String kernelId) {
      shared =
          make(kernelId)
              .doOnNext(claim -> made(kernelId, claim))
              .doOnError(e -> gone(kernelId))
              .doOnCancel(() -> gone(kernelId))
              .flux()
              .replay(1)
              .refCount(1)
              .next();
    }

    private void made(String kernelId, Claim claim) {
      // Not where it was forgotten meanwhile.
      boolean unused = claims.replace(kernelId, shared, Mono.just(claim));
    }

    private void gone(String kernelId) {
      boolean unused = claims.remove(kernelId, shared);
    }
  }

  /** The claim on a kernel, if this checkpointer has made one. */
  Mono<Claim> held(String kernelId) {
    return Mono.defer(() -> claims.getOrDefault(kernelId, Mono.empty()));
  }

  /** The next save claims anew: its kernel has just been brought to a state of the store. */
  void forget(String kernelId) {
    claims.remove(kernelId);
  }

  private Mono<Claim> make(String kernelId) {
    return heads
        .read(kernelId)
        .flatMap(
            found -> {
              if (writer.equals(found.head().writer())) {
                // Ours already: an earlier one that was forgotten, or whose answer was lost.
                return Mono.just(new Claim(kernelId, found.head().epoch(), writer));
              }
              Head next = found.head().claimedBy(writer);
              return heads.write(found, next).thenReturn(new Claim(kernelId, next.epoch(), writer));
            })
        .retryWhen(Again.afterRefusalOrLostAnswer());
  }
}
