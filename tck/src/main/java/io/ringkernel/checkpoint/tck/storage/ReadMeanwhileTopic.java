package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** A read gets the bytes of one version, or is told that they are gone. */
abstract class ReadMeanwhileTopic extends StorageTopic {
  private static final byte[] OLD = bytes(1, SEVERAL_BUFFERS);
  private static final byte[] NEW = bytes(2, SEVERAL_BUFFERS);

  ReadMeanwhileTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void readsTheVersionItOpenedOrTellsThatItWasReplaced() {
    save("a", OLD);
    ObjectRead read = open(null);
    save("a", NEW);
    assertOldOr(read, false);
  }

  @Test
  void readsTheVersionItOpenedOrTellsThatItWasDeleted() {
    save("a", OLD);
    ObjectRead read = open(null);
    await(storage().delete("a"));
    assertOldOr(read, true);
  }

  @Test
  void readsTheSameVersionOnASecondSubscriptionOrTellsThatItWasReplaced() {
    StoredObject old = save("a", OLD);
    ObjectRead read = open(old.version());
    assertThat(bytesOf(read.bytes())).isEqualTo(OLD);
    save("a", NEW);
    assertOldOr(read, false);
    assertThat(read.object()).isEqualTo(old);
  }

  @Test
  void opensTheNewVersionAfterItWasReplaced() {
    save("a", OLD);
    Mono<ObjectRead> reading = storage().read("a", Range.all(), null);
    await(reading);
    save("a", NEW);
    assertThat(bytesOf(reading.flatMapMany(ObjectRead::bytes))).isEqualTo(NEW);
  }

  @Test
  void mixesNoBytesWhenReplacedBetweenTwoBuffers() {
    save("a", OLD);
    assertThat(readInterruptedBy(() -> save("a", NEW))).isEqualTo(OLD);
  }

  @Test
  void mixesNoBytesWhenDeletedBetweenTwoBuffers() {
    save("a", OLD);
    assertThat(readInterruptedBy(() -> await(storage().delete("a")))).isEqualTo(OLD);
  }

  /** Reads "a"; what was read when the version is gone half-way is completed from {@link #OLD}. */
  private byte[] readInterruptedBy(Runnable change) {
    AtomicBoolean changed = new AtomicBoolean();
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    Mono<Void> reading =
        open(null)
            .bytes()
            .publishOn(reactor.core.scheduler.Schedulers.boundedElastic(), 1)
            .doOnNext(
                buffer -> {
                  seen.writeBytes(take(buffer));
                  if (changed.compareAndSet(false, true)) {
                    change.run();
                  }
                })
            .then();
    Throwable failure = failureOf(reading);
    if (failure != null) {
      assertThat(failure)
          .isInstanceOfAny(ChangedMeanwhileException.class, CheckpointNotFoundException.class);
      seen.write(OLD, seen.size(), OLD.length - seen.size());
    }
    assertThat(changed).isTrue();
    return seen.toByteArray();
  }

  private void assertOldOr(ObjectRead read, boolean deleted) {
    Mono<byte[]> reading = collecting(read.bytes());
    Throwable failure = failureOf(reading);
    if (failure == null) {
      assertThat(reading.block(Patience.LIMIT)).isEqualTo(OLD);
    } else if (deleted) {
      assertThat(failure)
          .isInstanceOfAny(ChangedMeanwhileException.class, CheckpointNotFoundException.class);
    } else {
      assertThat(failure).isInstanceOf(ChangedMeanwhileException.class);
    }
  }

  private ObjectRead open(@org.jspecify.annotations.Nullable String version) {
    return await(storage().read("a", Range.all(), version), ObjectRead.class);
  }
}
