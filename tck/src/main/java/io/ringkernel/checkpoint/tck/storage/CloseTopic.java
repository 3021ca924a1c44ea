package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Closing refuses what comes after, ends what is under way, and waits for the clean-up. */
abstract class CloseTopic extends StorageTopic {
  private static final byte[] BYTES = bytes(1, SEVERAL_BUFFERS);

  CloseTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void refusesWhatComesAfterwards() {
    save("a", BYTES);
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    await(storage().close());
    long made = buffers.made();
    for (Mono<?> call :
        List.of(
            saving("b", BYTES, SaveOptions.replace()),
            storage().stat("a"),
            storage().exists("a"),
            storage().read("a", Range.all(), null),
            collecting(read.bytes()),
            storage().list("").collectList(),
            storage().delete("a"))) {
      assertThat(failureOf(call))
          .isInstanceOf(ClosedException.class)
          .hasMessageContaining("closed");
    }
    assertThat(buffers.made()).as("pieces taken from the source").isEqualTo(made);
  }

  @Test
  void closesAgainAndAtOnceWithoutHarm() {
    save("a", BYTES);
    await(Mono.when(storage().close(), storage().close()));
    await(storage().close());
  }

  @Test
  void isOpenUntilTheCloseIsSubscribedTo() {
    Mono<Void> closing = storage().close();
    save("a", bytes(2, 10));
    await(closing);
    assertThat(failureOf(storage().stat("a")))
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void endsASaveUnderWayAndWaitsForItsCleanUp() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Flux<OwnedBuffer> content = piecesThatStall(BYTES).doOnCancel(() -> cancelled.set(true));
    CompletableFuture<StoredObject> save =
        storage().save("deep/a", content, SaveOptions.replace()).toFuture();
    long all = (SEVERAL_BUFFERS + PIECE - 1) / PIECE;
    Patience.until(
        "the storage takes all pieces", () -> buffers.made() == all && buffers.open() == 0);
    await(storage().close());
    assertThat(cancelled).as("the source is cancelled with the save").isTrue();
    assertThat(openHandles()).isZero();
    assertThat(buffers.open()).isZero();
    assertNoLeftovers();
    assertEndsWithAFailure(save);
    openStorage();
    assertAbsent("deep/a");
  }

  @Test
  void endsAReadUnderWay() {
    save("a", BYTES);
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    CompletableFuture<Long> received = new CompletableFuture<>();
    read.bytes().subscribe(new OneBuffer(received));
    Patience.until("the read has begun", () -> received.getNumberOfDependents() > 0);
    await(storage().close());
    assertThat(openHandles()).isZero();
    assertEndsWithAFailure(received);
  }

  private static void assertEndsWithAFailure(CompletableFuture<?> call) {
    Patience.until("the call ends", call::isDone);
    Throwable failure =
        org.assertj.core.api.Assertions.catchThrowableOfType(CompletionException.class, call::join);
    assertThat(failure).hasCauseInstanceOf(ClosedException.class);
  }

  /** Takes one buffer and asks for no more; tells how the stream ends. */
  private static final class OneBuffer extends BaseSubscriber<OwnedBuffer> {
    private final CompletableFuture<Long> end;

    OneBuffer(CompletableFuture<Long> end) {
      this.end = end;
    }

    @Override
    protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
      subscription.request(1);
    }

    @Override
    protected void hookOnNext(OwnedBuffer buffer) {
      buffer.close();
      // A dependent of the future tells the test that this point was reached.
      end.exceptionally(failure -> 0L).isDone();
    }

    @Override
    protected void hookOnComplete() {
      end.complete(1L);
    }

    @Override
    protected void hookOnError(Throwable failure) {
      end.completeExceptionally(failure);
    }
  }

  @Test
  void leavesOtherOpeningsOfThePlaceAlone() {
    CheckpointStorage other = openAnother();
    save("a", BYTES);
    await(storage().close());
    assertThat(read(other, "a", Range.all())).isEqualTo(BYTES);
    await(other.save("b", buffers.pieces(BYTES, PIECE), SaveOptions.onlyIfAbsent()));
    assertThat(Flux.from(other.list("")).count().block(Patience.LIMIT)).isEqualTo(2);
  }

  @Test
  void showsWhatWasSavedWhenOpenedAgain() {
    StoredObject saved = save("a", BYTES);
    await(storage().close());
    openStorage();
    if (can(StorageCapability.DURABLE)) {
      assertThat(stat("a")).isEqualTo(saved);
      assertThat(read("a")).isEqualTo(BYTES);
    } else {
      // Whether it stays is up to the storage; nothing else may be there.
      assertThat(names("")).isSubsetOf("a");
    }
  }
}
