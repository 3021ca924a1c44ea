package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * By which right a copy is committed.
 *
 * @param claims on kernels in the store that is copied to; empty joins whatever epoch there is
 * @param tier the near tier that copies; null when no tier does
 */
record CopyTerms(Function<String, Mono<Claims.Claim>> claims, @Nullable ObjectId tier) {
  Mono<Claims.Claim> claim(String kernelId) {
    return Mono.defer(() -> claims.apply(kernelId));
  }

  /**
   * A tier's copies are commits of the kernel, in the order in which they were committed; all
   * others stand where they were captured.
   */
  boolean isImport(Entry entry) {
    return tier == null || entry.mark().imported();
  }

  Origin origin(Entry entry) {
    return tier == null ? Origin.of(entry) : Origin.near(entry, tier);
  }
}
