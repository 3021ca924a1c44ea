package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.Optional;
import java.util.function.Predicate;
import reactor.core.publisher.Mono;

/** Proves that a file holds what its outline pins: its index, or every byte of it. */
final class Verification {
  private final Outline outline;
  private final IndexPages pages;
  private final BlockReader reader;

  Verification(Outline outline, IndexPages pages, BlockReader reader) {
    this.outline = outline;
    this.pages = pages;
    this.reader = reader;
  }

  /** Every page, and that they describe a file without gaps. */
  Mono<Void> index() {
    return Mono.defer(
        () -> {
          IndexAudit audit = new IndexAudit(outline);
          return pages
              .readAll()
              .doOnNext(group -> group.forEach(audit::add))
              .then(Mono.fromRunnable(audit::end));
        });
  }

  /**
   * Every page and every block, also those in ancestors. The sections tile the file, so that with
   * them every byte of it is verified.
   */
  Mono<Void> everything() {
    return blocks(transfer -> true);
  }

  /** Every page, and every block that is in the file itself. */
  Mono<Void> ownBytes() {
    return blocks(transfer -> transfer.ancestor() == BlockLocation.HERE);
  }

  private Mono<Void> blocks(Predicate<Transfer> which) {
    return Mono.defer(
        () -> {
          IndexAudit audit = new IndexAudit(outline);
          return pages
              .readAll()
              .doOnNext(group -> group.forEach(audit::add))
              .concatMapIterable(group -> ReadPlan.ofAll(group, outline), 1)
              .filter(which)
              .flatMapSequential(this::verdict, reader.concurrency(), 1)
              .<Void>handle((verdict, sink) -> verdict.ifPresent(sink::error))
              .then(Mono.fromRunnable(audit::end));
        });
  }

  /** As a value, so that of two that fail at the same time the first in the file is told. */
  private Mono<Optional<CorruptCheckpointException>> verdict(Transfer transfer) {
    return reader
        .run(transfer, null)
        .thenReturn(Optional.<CorruptCheckpointException>empty())
        .onErrorResume(
            CorruptCheckpointException.class, failure -> Mono.just(Optional.of(failure)));
  }
}
