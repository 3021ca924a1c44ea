package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;

/** A kernel of one word, which changes when a test says so, and counts its stops and starts. */
final class HeldKernel {
  final AtomicInteger stops = new AtomicInteger();
  final AtomicInteger starts = new AtomicInteger();
  private final ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
  private final QuiescableKernel kernel;

  HeldKernel(String id, String... options) {
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder(id, "held")
            .controlBlock(new KernelMemory.Host(word))
            .step(this::value)
            .hlc(() -> new HlcTimestamp(value(), 0, 1))
            .quiesce(
                () -> Mono.fromRunnable(stops::incrementAndGet),
                () -> Mono.fromRunnable(starts::incrementAndGet));
    for (String option : options) {
      descriptor.option(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    kernel = KernelAdapters.named("host").adapt(descriptor.build());
  }

  QuiescableKernel kernel() {
    return kernel;
  }

  void set(long value) {
    word.putLong(0, value);
  }

  long value() {
    return word.getLong(0);
  }

  boolean runs() {
    return stops.get() == starts.get();
  }
}
