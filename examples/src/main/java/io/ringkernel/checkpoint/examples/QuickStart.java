package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;

/** Saves what a kernel has in memory, loses it, and gets it back. */
public final class QuickStart {
  private QuickStart() {}

  /** Runs it on the store of the first argument, else in the directory {@code checkpoints}. */
  public static void main(String[] args) {
    ByteBuffer field = ByteBuffer.allocateDirect(16 << 20); // what your kernel works on
    AdaptedKernel kernel =
        KernelAdapters.named("host")
            .adapt(
                KernelDescriptor.builder("wave-0", "wave")
                    .region("field", new KernelMemory.Host(field))
                    .standsStill() // nobody writes to it meanwhile; else: quiesce(stop, go)
                    .build());
    String store = args.length > 0 ? args[0] : "file:checkpoints";

    field.putInt(0, 42);
    Mono.usingWhen( // closes it in any case
            Mono.fromSupplier(
                () -> Checkpointer.builder(store).compression(Compression.of("zstd")).build()),
            checkpointer ->
                checkpointer
                    .save(kernel)
                    .doOnNext(receipt -> System.out.println("saved " + receipt.name()))
                    .doOnNext(saved -> field.putInt(0, 0)) // it went on, or its process died
                    .then(checkpointer.restoreLatest(kernel)), // the newest that verifies
            Checkpointer::close)
        .doOnNext(receipt -> System.out.println("restored " + receipt.checkpoint().name()))
        .then(kernel.close()) // gives back what the adapter made for it
        .block();
    System.out.println("the field holds " + field.getInt(0));
  }
}
