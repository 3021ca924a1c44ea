package io.ringkernel.checkpoint.core.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Copies that fail or are not wanted any more. */
class ShadowCopiesTest {
  private static final int TRANSFER = 4 << 20;
  private static final int AT_ONCE = Math.max(2, Runtime.getRuntime().availableProcessors());
  private static final int SIZE = (AT_ONCE + 2) * TRANSFER;

  /** Room for one. */
  private final ShadowCopies copies = new ShadowCopies(SIZE);

  private final AtomicInteger reads = new AtomicInteger();
  private final Sinks.Empty<Void> gate = Sinks.empty();

  private Checkpoint checkpoint(Mono<Void> read) {
    ChunkContent content =
        new ScriptedContent(
            SIZE,
            (offset, target) -> {
              reads.incrementAndGet();
              return read.thenReturn(target.remaining());
            });
    return Checkpoint.builder(CheckpointMetadata.builder("fdtd", "wave").build())
        .chunk(DataChunk.of(ChunkType.DEVICE_MEMORY, 0, content))
        .build();
  }

  private void assertMemoryIsBack() {
    Patience.until(
        "there is room again",
        () ->
            copies
                .copy(checkpoint(Mono.empty()))
                .doOnNext(Checkpoint::close)
                .hasElement()
                .block(Patience.LIMIT));
  }

  @Test
  void cancelledItBeginsNoOtherReadAndGivesItsMemoryBack() {
    Disposable copy = copies.copy(checkpoint(gate.asMono())).subscribe();
    Patience.until("it reads", () -> gate.currentSubscriberCount() == AT_ONCE);

    copy.dispose();
    gate.tryEmitEmpty();

    int begun = reads.get();
    assertMemoryIsBack();
    assertThat(begun).isEqualTo(AT_ONCE);
    assertThat(reads.get() - SIZE / TRANSFER).isEqualTo(AT_ONCE);
  }

  @Test
  void ofReadsThatFailTogetherOneIsToldAndTheMemoryIsGivenBack() {
    IllegalStateException lost = new IllegalStateException("lost");
    StepVerifier.create(copies.copy(checkpoint(gate.asMono())))
        .then(() -> Patience.until("it reads", () -> gate.currentSubscriberCount() == AT_ONCE))
        .then(() -> gate.tryEmitError(lost))
        .expectErrorSatisfies(error -> assertThat(error).isSameAs(lost))
        .verify(Patience.LIMIT);

    assertMemoryIsBack();
  }
}
