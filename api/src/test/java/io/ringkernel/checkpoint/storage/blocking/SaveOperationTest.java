package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

@Timeout(60)
class SaveOperationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final BlockingOperations operations =
      new BlockingOperations(
          "test-save",
          1,
          (name, failure) ->
              failure instanceof StorageException known
                  ? known
                  : new StorageException(name, true, failure),
          () -> {});

  /** A source that doesn't heed a cancel. */
  private final TestPublisher<OwnedBuffer> content =
      TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);

  private final AtomicInteger open = new AtomicInteger();
  private final Steps steps = new Steps();

  @AfterEach
  void close() {
    operations.close().block(PATIENCE);
    assertThat(open).as("buffers").hasValue(0);
  }

  private Mono<StoredObject> saved() {
    return operations.save("a", content, attempt -> steps);
  }

  private OwnedBuffer buffer() {
    open.incrementAndGet();
    return OwnedBuffer.of(ByteBuffer.allocate(10), open::decrementAndGet);
  }

  /** Remembers them, and fails where it is told to. */
  private static final class Steps implements BlockingSave {
    final List<String> done = new CopyOnWriteArrayList<>();
    final CountDownLatch written = new CountDownLatch(1);
    volatile @Nullable IOException writeFailure;
    volatile @Nullable IOException closeFailure;
    volatile @Nullable StorageException failureOfAll;

    private void step(String name, @Nullable IOException failure) throws IOException {
      done.add(name);
      if (failureOfAll != null) {
        throw failureOfAll;
      }
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public void begin() throws IOException {
      step("begin", null);
    }

    @Override
    public void write(List<OwnedBuffer> batch) throws IOException {
      step("write", writeFailure);
      written.countDown();
    }

    @Override
    public Optional<StoredObject> commit() throws IOException {
      step("commit", null);
      return Optional.of(new StoredObject("a", 10, "1", Instant.EPOCH, Map.of()));
    }

    @Override
    public void close() throws IOException {
      step("close", closeFailure);
    }
  }

  @Test
  void cancelledInTheMiddleItCommitsNothingAndClosesWhatStillComes() {
    StepVerifier.create(saved())
        .then(this::bringOne)
        .then(() -> await(steps.written))
        .thenCancel()
        .verify();

    // Waits until it has cleaned up.
    operations.close().block(PATIENCE);
    assertThat(steps.done).containsExactly("begin", "write", "close");
    content.assertCancelled();
    content.next(buffer());
  }

  @Test
  void aCloseOfTheStorageIsWhyItEnds() {
    StepVerifier.create(saved())
        .then(this::bringOne)
        .then(() -> await(steps.written))
        .then(() -> operations.close().subscribe())
        .verifyError(ClosedException.class);

    assertThat(steps.done).containsExactly("begin", "write", "close");
    content.assertCancelled();
    StepVerifier.create(saved()).verifyError(ClosedException.class);
    assertThat(steps.done).hasSize(3);
  }

  @Test
  void aWriteThatFailsEndsTheSourceAndTellsThatItCouldNotEvenBeClosed() {
    steps.writeFailure = new IOException("the disk");
    steps.closeFailure = new IOException("the disk again");

    StepVerifier.create(saved())
        .then(this::bringOne)
        .verifyErrorSatisfies(
            e ->
                assertThat(e)
                    .hasCause(steps.writeFailure)
                    .hasSuppressedException(steps.closeFailure));

    content.assertCancelled();
    content.next(buffer());
  }

  /** As one does that keeps what broke it, and says so whatever it is asked. */
  @Test
  void oneThatFailsWithTheSameErrorTwiceIsToldOfOnce() {
    StorageException broken = new StorageException("it is broken", false, null);
    steps.failureOfAll = broken;

    StepVerifier.create(saved()).expectErrorMatches(e -> e == broken).verify(PATIENCE);

    assertThat(steps.done).containsExactly("begin", "close");
    assertThat(broken).hasNoSuppressedExceptions();
  }

  @Test
  void whatIsCommittedIsToldThoughItCouldNotBeClosed() {
    steps.closeFailure = new IOException("the disk");

    StepVerifier.create(saved())
        .then(this::bringOne)
        .then(content::complete)
        .expectNextMatches(stored -> stored.size() == 10)
        .verifyComplete();

    content.assertNotCancelled();
  }

  private void bringOne() {
    StepVerifier.create(begun()).verifyComplete();
    content.next(buffer());
  }

  private Mono<Void> begun() {
    return Mono.<Void>fromRunnable(
            () -> {
              while (!content.wasRequested()) {
                Thread.onSpinWait();
              }
            })
        .timeout(PATIENCE);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
