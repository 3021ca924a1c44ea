package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What is cancelled leaves nothing behind, or stands whole. */
abstract class CancellationTopic extends StorageTopic {
  CancellationTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void leavesNothingOfACancelledSave() {
    cancelHalfWay("deep/er/new");
    assertAbsent("deep/er/new");
    assertThat(names("")).isEmpty();
  }

  @Test
  void keepsWhatWasThereWhenASaveIsCancelled() {
    StoredObject before = save("a", bytes(1, 1000));
    cancelHalfWay("a");
    assertThat(stat("a")).isEqualTo(before);
    assertThat(read("a")).isEqualTo(bytes(1, 1000));
  }

  /** Cancels once the storage has taken all there is; its clean-up ends with the close. */
  private void cancelHalfWay(String name) {
    byte[] half = bytes(2, SEVERAL_BUFFERS);
    long all = buffers.made() + (half.length + PIECE - 1) / PIECE;
    AtomicBoolean cancelled = new AtomicBoolean();
    Flux<OwnedBuffer> content = piecesThatStall(half).doOnCancel(() -> cancelled.set(true));
    Disposable save = storage().save(name, content, SaveOptions.replace()).subscribe();
    Patience.until(
        "the storage takes all pieces", () -> buffers.made() == all && buffers.open() == 0);
    save.dispose();
    assertThat(cancelled).as("the source is cancelled with the save").isTrue();
    await(storage().close());
    assertNoLeftovers();
    openStorage();
  }

  @Test
  void closesBuffersThatItDidNotWriteWhenCancelled() {
    Disposable save = saving("a", bytes(3, SEVERAL_BUFFERS), SaveOptions.replace()).subscribe();
    Patience.until("the storage takes a piece", () -> buffers.made() > 0);
    save.dispose();
    Patience.until("all buffers are closed", () -> buffers.open() == 0);
  }

  @Test
  void endsWholeOrAbsentWheneverItIsCancelled() {
    byte[] bytes = bytes(4, 30 * PIECE);
    for (int round = 0; round < 40; round++) {
      String name = "round/" + round;
      Disposable save = saving(name, bytes, SaveOptions.onlyIfAbsent()).subscribe();
      long pieces = buffers.made() + round;
      Patience.until("some pieces are taken", () -> buffers.made() >= pieces || save.isDisposed());
      save.dispose();
      Patience.until("all buffers are closed", () -> buffers.open() == 0);
    }
    await(storage().close());
    assertNoLeftovers();
    openStorage();
    for (String name : names("")) {
      assertThat(read(name)).as(name).isEqualTo(bytes);
    }
  }

  @Test
  void leavesNothingWhenCancelledAtOnce() {
    saving("a", bytes(5, 100), SaveOptions.replace()).subscribe().dispose();
    Patience.until("all buffers are closed", () -> buffers.open() == 0);
    Throwable failure = failureOf(storage().stat("a"));
    if (failure == null) {
      assertThat(read("a")).isEqualTo(bytes(5, 100));
    } else {
      assertThat(failure).isInstanceOf(CheckpointNotFoundException.class);
    }
  }

  @Test
  void givesUpWhatItOpenedWhenBytesAreCancelled() {
    save("a", bytes(6, SEVERAL_BUFFERS));
    await(storage().read("a", Range.all(), null).flatMap(CancellationTopic::firstOnly));
    Patience.until("the reader is closed", () -> openHandles() == 0);
  }

  private static Mono<byte[]> firstOnly(ObjectRead read) {
    return read.bytes().take(1).map(StorageTopic::take).next();
  }

  @Test
  void givesUpWhatItOpenedWhenCancelledWithoutDemand() {
    save("a", bytes(7, SEVERAL_BUFFERS));
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    AtomicLong received = new AtomicLong();
    Disposable reading =
        read.bytes()
            .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
            .limitRate(1)
            .delaySubscription(Mono.empty())
            .subscribe(
                buffer -> {
                  buffer.close();
                  received.incrementAndGet();
                });
    reading.dispose();
    Patience.until("the reader is closed", () -> openHandles() == 0);
    assertThat(received).hasValueLessThanOrEqualTo(SEVERAL_BUFFERS);
  }

  @Test
  void holdsNothingForAReadThatNobodySubscribesTo() {
    save("a", bytes(8, 1000));
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    assertThat(read.object().size()).isEqualTo(1000);
    Patience.until("nothing is open", () -> openHandles() == 0);
  }
}
