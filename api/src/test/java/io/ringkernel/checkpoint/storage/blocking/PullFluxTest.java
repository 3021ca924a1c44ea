package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

@Timeout(60)
class PullFluxTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BlockingOperations operations =
      new BlockingOperations(
          "test-pull", 1, (name, failure) -> new StorageException(name, true, failure), () -> {});
  private final Queue<Integer> discarded = new ConcurrentLinkedQueue<>();
  private final CountDownLatch asked = new CountDownLatch(1);

  @AfterEach
  void close() {
    operations.close().block(PATIENCE);
  }

  private Flux<Integer> pulled(Numbers source) {
    return operations.pull("a", attempt -> source, discarded::add);
  }

  /** Counts to a number, and how often it is closed. */
  private static class Numbers implements BlockingSource<Integer> {
    final AtomicInteger given = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    private final int last;

    Numbers(int last) {
      this.last = last;
    }

    @Override
    public @Nullable Integer next() throws IOException {
      return given.get() == last ? null : given.incrementAndGet();
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @Test
  void fetchesWhatIsDemandedAndNoMore() {
    Numbers source = new Numbers(3);

    StepVerifier.create(pulled(source), 0)
        .thenRequest(1)
        .expectNext(1)
        .thenRequest(1)
        .expectNext(2)
        .then(() -> assertThat(source.given).hasValue(2))
        .thenRequest(2)
        .expectNext(3)
        .verifyComplete();

    assertThat(source.closed).hasValue(1);
    assertThat(discarded).isEmpty();
  }

  @Test
  void endsWithTheLastItemWhereThatIsKnown() {
    Numbers source =
        new Numbers(2) {
          @Override
          public boolean isExhausted() {
            return given.get() == 2;
          }
        };

    StepVerifier.create(pulled(source), 2).expectNext(1, 2).verifyComplete();
  }

  @Test
  void whatComesAfterACancelIsDiscardedAndTheSourceClosed() {
    CountDownLatch unwanted = new CountDownLatch(1);
    Numbers source =
        new Numbers(3) {
          @Override
          public @Nullable Integer next() throws IOException {
            asked.countDown();
            await(unwanted);
            return super.next();
          }
        };
    Flux<Integer> pulled =
        operations.pull(
            "a",
            attempt -> {
              attempt.whenUnwanted(unwanted::countDown);
              return source;
            },
            discarded::add);

    StepVerifier.create(pulled).then(() -> await(asked)).thenCancel().verify();

    // Waits until the source was closed.
    operations.close().block(PATIENCE);
    assertThat(discarded).containsExactly(1);
    assertThat(source.given).hasValue(1);
    assertThat(source.closed).hasValue(1);
  }

  @Test
  void aReadThatIsUnderWayIsToldThatItsStorageIsClosed() {
    Numbers source = new Numbers(1);
    Flux<Integer> pulled =
        operations.pull(
            "a",
            attempt -> {
              CountDownLatch unwanted = new CountDownLatch(1);
              attempt.whenUnwanted(unwanted::countDown);
              asked.countDown();
              await(unwanted);
              return source;
            },
            discarded::add);

    StepVerifier.create(pulled)
        .then(() -> await(asked))
        .then(() -> operations.close().subscribe())
        .verifyError(ClosedException.class);

    assertThat(source.given).hasValue(0);
    assertThat(source.closed).hasValue(1);
    StepVerifier.create(pulled).verifyError(ClosedException.class);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
