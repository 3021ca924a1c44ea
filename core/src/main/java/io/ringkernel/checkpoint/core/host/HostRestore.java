package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.internal.ExactRead;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Cancellation;
import io.ringkernel.checkpoint.kernel.adapter.RestoredPart;
import io.ringkernel.checkpoint.kernel.adapter.Stop;
import io.ringkernel.checkpoint.kernel.adapter.Visit;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One restore: everything is checked before the kernel is stopped, and it runs on only when all its
 * state was written.
 */
final class HostRestore {
  /**
   * A restore that is cancelled waits for at most one such transfer into the kernel's memory. The
   * larger it is, the more of one file's scattered blocks go into a request.
   */
  private static final int TRANSFER = 256 << 20;

  private record Transfer(ChunkContent from, long offset, ByteBuffer to) {}

  private final StateAccess state;
  private final Visit visit;
  private final Checkpoint checkpoint;
  private final Cancellation cancellation;
  private final Stop stop;
  private final AtomicLong written = new AtomicLong();

  HostRestore(StateAccess state, Checkpoint checkpoint, Cancellation cancellation) {
    this.state = state;
    this.visit = state.visit(KernelException.Phase.RESTORE);
    this.checkpoint = checkpoint;
    this.cancellation = cancellation;
    this.stop = new Stop(state, cancellation);
  }

  /** All of it. To be left to run to its end. */
  Mono<Void> run() {
    return Mono.fromSupplier(this::plan)
        .flatMap(
            transfers ->
                visit
                    .enter()
                    .then(Mono.defer(() -> cancellation.ends(visit.awaitTurn())))
                    .then(stop.begin().subscribeOn(HostMemory.THREAD))
                    .then(write(transfers))
                    .then(stop.resumeRestored()))
        .onErrorMap(e -> state.failure(KernelException.Phase.RESTORE, "it was not restored", e))
        .onErrorResume(e -> stop.undo(e).then(Mono.error(e)))
        // Before anybody is told so.
        .doOnTerminate(visit::end);
  }

  private Mono<Void> write(List<Transfer> transfers) {
    return Flux.fromIterable(transfers)
        .concatMap(this::write, 1)
        .then()
        .onErrorMap(
            e ->
                state
                    .failures()
                    .of(
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
          if (cancellation.isWished()) {
            return Mono.error(new CancellationException("it was cancelled"));
          }
          state.wholeness().writing();
          return ExactRead.of(transfer.from(), transfer.offset(), transfer.to())
              .doOnNext(bytes -> written.addAndGet(bytes.remaining()))
              .then()
              .subscribeOn(HostMemory.THREAD);
        });
  }

  /** What goes where; refuses a checkpoint that is not exactly of this kernel's layout. */
  private List<Transfer> plan() {
    List<Transfer> transfers = new ArrayList<>();
    for (RestoredPart part : RestoredPart.match(state.descriptor(), checkpoint)) {
      add(transfers, part.part(), part.content());
    }
    return transfers;
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
}
