package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** What listeners get, whatever they take. */
@Timeout(60)
class TierReceiptsTest {
  private final FarReceipts receipts = new FarReceipts();

  private static FarReceipt receipt(int sequence) {
    return new FarCheckpoint("fdtd", "s" + sequence, sequence, false, false)
        .receipt(Outcome.GONE, null, null);
  }

  @Test
  void aListenerThatTakesNothingIsLeftTheNewest() {
    int dropped = 10;
    StepVerifier.create(receipts.all().map(FarReceipt::sequence), 0)
        .then(
            () -> {
              for (int i = 0; i < FarReceipts.MOST_QUEUED + dropped; i++) {
                receipts.tell(receipt(i));
              }
              receipts.complete();
            })
        .thenRequest(Long.MAX_VALUE)
        // One was on its way to the listener.
        .expectNext(0L)
        .expectNext((long) dropped)
        .expectNextCount(FarReceipts.MOST_QUEUED - 1)
        .expectComplete()
        .verify(LONG);
  }

  @Test
  void everyReceiptOfSeveralThreadsArrives() {
    int threads = 8;
    int each = 100;
    StepVerifier.create(receipts.all().distinct(FarReceipt::sequence).count())
        .then(
            () ->
                Flux.range(0, threads)
                    .flatMap(
                        thread ->
                            Mono.fromRunnable(
                                    () -> {
                                      for (int i = 0; i < each; i++) {
                                        receipts.tell(receipt(thread * each + i));
                                      }
                                    })
                                .subscribeOn(Schedulers.boundedElastic()))
                    .then(Mono.fromRunnable(receipts::complete))
                    .block(LONG))
        .expectNext((long) threads * each)
        .expectComplete()
        .verify(LONG);
  }
}
