package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One restore: everything is checked before the kernel is stopped, and it runs on only when all its
 * state was written.
 */
final class HostRestore {
  /** A restore that is cancelled waits for at most one such transfer into the kernel's memory. */
  private static final int TRANSFER = 64 << 20;

  private record Transfer(ChunkContent from, long offset, ByteBuffer to) {}

  private final KernelDescriptor descriptor;
  private final Turn.Lease lease;
  private final Checkpoint checkpoint;
  private volatile boolean stopped;
  private volatile boolean touched;
  private volatile boolean whole;
  private final Mono<Void> resume;
  private final AtomicLong written = new AtomicLong();
  private volatile Mono<Void> current = Mono.empty();

  HostRestore(KernelDescriptor descriptor, Turn.Lease lease, Checkpoint checkpoint) {
    this.descriptor = descriptor;
    this.lease = lease;
    this.checkpoint = checkpoint;
    // Remembered, so that it runs once, to its end, whoever asks for it.
    this.resume =
        Mono.defer(() -> descriptor.resume().get())
            .onErrorMap(
                e -> failed(KernelException.Phase.RESUME, "it is restored but could not run on", e))
            .cache();
  }

  Mono<Void> run() {
    return Mono.fromSupplier(this::plan)
        .flatMap(
            transfers ->
                lease
                    .await()
                    .then(Mono.defer(this::quiesce).subscribeOn(HostMemory.THREAD))
                    .then(write(transfers))
                    .then(Mono.defer(this::runOn)));
  }

  private Mono<Void> quiesce() {
    stopped = true;
    return Mono.defer(() -> descriptor.quiesce().get())
        .onErrorMap(e -> failed(KernelException.Phase.QUIESCE, "it did not come to a stop", e));
  }

  private Mono<Void> write(List<Transfer> transfers) {
    return Flux.fromIterable(transfers)
        .concatMap(this::write, 1)
        .then()
        .onErrorMap(
            e ->
                failed(
                    KernelException.Phase.RESTORE,
                    "it stands still with about "
                        + written
                        + " of "
                        + checkpoint.size()
                        + " bytes written; restore it again",
                    e));
  }

  private Mono<Void> write(Transfer transfer) {
    return Mono.defer(
        () -> {
          touched = true;
          // Remembered, so that it can be waited for when nobody else does any more.
          current =
              transfer
                  .from()
                  .read(transfer.offset(), transfer.to())
                  .doOnNext(written::addAndGet)
                  .then()
                  .subscribeOn(HostMemory.THREAD)
                  .cache();
          return current;
        });
  }

  private Mono<Void> runOn() {
    whole = true;
    return resume;
  }

  /**
   * Ends it, before anybody is told so: lets the kernel run on if all was written, or nothing, else
   * leaves it standing.
   */
  Mono<Void> end() {
    return Mono.defer(
        () -> {
          boolean runsOn = stopped && (whole || !touched);
          return (runsOn ? resume.onErrorComplete() : Mono.<Void>empty())
              .then(current.onErrorComplete())
              .then(Mono.fromRunnable(lease::release));
        });
  }

  /** What goes where; refuses a checkpoint that is not exactly of this kernel's layout. */
  private List<Transfer> plan() {
    if (!checkpoint.metadata().kernelType().equals(descriptor.kernelType())) {
      throw refused(
          "the checkpoint is of type '"
              + checkpoint.metadata().kernelType()
              + "', not '"
              + descriptor.kernelType()
              + "'");
    }
    List<DataChunk> left = new ArrayList<>(checkpoint.chunks());
    List<Transfer> transfers = new ArrayList<>();
    for (KernelDescriptor.Part part : descriptor.parts()) {
      add(transfers, part, take(left, part).content());
    }
    if (!left.isEmpty()) {
      throw refused("the checkpoint has " + left.get(0) + ", for which the kernel has no place");
    }
    return transfers;
  }

  private DataChunk take(List<DataChunk> left, KernelDescriptor.Part part) {
    DataChunk found =
        left.stream()
            .filter(chunk -> chunk.type().equals(part.type()) && chunk.id() == part.id())
            .findFirst()
            .orElseThrow(() -> refused("the checkpoint has no " + PartName.of(part)));
    if (found.size() != part.memory().size()) {
      throw refused(
          PartName.of(part)
              + " has "
              + found.size()
              + " bytes in the checkpoint and "
              + part.memory().size()
              + " in the kernel");
    }
    left.remove(found);
    return found;
  }

  private static void add(
      List<Transfer> transfers, KernelDescriptor.Part part, ChunkContent content) {
    long offset = 0;
    for (ByteBuffer memory : HostMemory.of(part)) {
      for (long at = 0; at < memory.capacity(); at += TRANSFER) {
        int length = (int) Math.min(TRANSFER, memory.capacity() - at);
        transfers.add(new Transfer(content, offset, memory.slice((int) at, length)));
        offset += length;
      }
    }
  }

  private KernelException refused(String reason) {
    return new KernelException(
        descriptor.kernelId(),
        KernelException.Phase.RESTORE,
        reason + "; it was not touched",
        null);
  }

  private KernelException failed(KernelException.Phase phase, String what, Throwable cause) {
    return cause instanceof KernelException known
        ? known
        : new KernelException(
            descriptor.kernelId(), phase, what + ": " + cause.getMessage(), cause);
  }
}
