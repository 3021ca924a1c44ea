package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Mono;

/**
 * By which right a near tier commits in the far one. A kernel that is claimed near is claimed far
 * too, in the name of the tier, so that whoever takes it over elsewhere fences this one off there.
 */
final class FarClaims {
  private final Engine near;
  private final Heads heads;
  private final Claims claims;
  private final ObjectId tier;

  FarClaims(Engine near, Engine far, ObjectId tier) {
    this.near = near;
    this.heads = far.heads;
    this.tier = tier;
    this.claims = new Claims(heads, tier);
  }

  /** The right to commit one checkpoint; empty to join whatever epoch there is. */
  Mono<Claims.Claim> of(FarJob job) {
    return near.claims
        .held(job.kernelId)
        .hasElement()
        .flatMap(
            claimed -> {
              if (claimed) {
                return claims.claim(job.kernelId);
              }
              return job.resumed ? left(job.kernelId) : claims.held(job.kernelId);
            });
  }

  /** What an earlier process left claims nothing anew: another one may have the kernel by now. */
  private Mono<Claims.Claim> left(String kernelId) {
    return heads
        .read(kernelId)
        .flatMap(
            found -> {
              Head head = found.head();
              if (head.writer() == null) {
                return Mono.empty();
              }
              return tier.equals(head.writer())
                  ? Mono.just(new Claims.Claim(kernelId, head.epoch(), tier))
                  : Mono.error(new StaleWriterException(kernelId, head.epoch() - 1, head.epoch()));
            });
  }

  /** The kernel was brought to a state of the tiers: its next save claims it anew. */
  void forget(String kernelId) {
    claims.forget(kernelId);
  }
}
