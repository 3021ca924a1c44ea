package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.SourceExhaustedException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Laziness, attempts, threads and demand.
 *
 * <p>That nothing blocks where it must not is seen by BlockHound where it is installed: each call
 * is made from a non-blocking thread.
 */
abstract class ReactiveTopic extends StorageTopic {
  private static final byte[] BYTES = bytes(1, 100_000);

  /** 64 MiB of the pieces used here: more than this in flight is no bound at all. */
  private static final long MOST_IN_FLIGHT = (64 << 20) / PIECE;

  ReactiveTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    StoredObject kept = save("kept", BYTES);
    long made = buffers.made();
    Mono<?> saving = saving("a", BYTES, SaveOptions.replace());
    Mono<?> replacing = saving("kept", BYTES, SaveOptions.replace());
    Mono<?> deleting = storage().delete("kept");
    Mono<?> closing = storage().close();
    assertThat(buffers.made()).isEqualTo(made);
    assertAbsent("a");
    assertThat(stat("kept")).isEqualTo(kept);
    assertThat(saving).isNotNull();
    assertThat(replacing).isNotNull();
    assertThat(deleting).isNotNull();
    assertThat(closing).isNotNull();
  }

  @Test
  void makesANewAttemptForEachSubscription() {
    Mono<StoredObject> saving = saving("a", BYTES, SaveOptions.replace());
    StoredObject first = await(saving, StoredObject.class);
    StoredObject second = await(saving, StoredObject.class);
    assertThat(second.version()).isNotEqualTo(first.version());
    Mono<Boolean> deleting = storage().delete("a");
    assertThat(await(deleting, Boolean.class)).isTrue();
    assertThat(await(deleting, Boolean.class)).isFalse();
    Mono<StoredObject> stat = storage().stat("a");
    assertThat(failureOf(stat)).isNotNull();
    save("a", BYTES);
    assertThat(await(stat, StoredObject.class).size()).isEqualTo(BYTES.length);
  }

  @Test
  void failsASecondAttemptWithTheErrorOfASourceThatCanBeReadOnce() {
    AtomicBoolean used = new AtomicBoolean();
    Flux<OwnedBuffer> once =
        Flux.defer(
            () ->
                used.compareAndSet(false, true)
                    ? buffers.pieces(BYTES, PIECE)
                    : Flux.error(new SourceExhaustedException("read already")));
    Mono<StoredObject> saving = storage().save("a", once, SaveOptions.replace());
    StoredObject first = await(saving, StoredObject.class);
    assertThat(failureOf(saving)).isInstanceOf(SourceExhaustedException.class);
    assertThat(stat("a")).isEqualTo(first);
  }

  @Test
  void subscribesToTheSourceOnceForEachAttempt() {
    AtomicLong subscriptions = new AtomicLong();
    Flux<OwnedBuffer> content =
        Flux.defer(
            () -> {
              subscriptions.incrementAndGet();
              return buffers.pieces(BYTES, PIECE);
            });
    await(storage().save("a", content, SaveOptions.replace()));
    assertThat(subscriptions).hasValue(1);
  }

  @Test
  void blocksNoThreadThatMustNotBlock() {
    Mono<Void> all =
        saving("a/b", BYTES, SaveOptions.replace())
            .flatMap(saved -> fromParallel(storage().stat("a/b")))
            .flatMap(found -> fromParallel(storage().read("a/b", Range.all(), found.version())))
            .flatMap(read -> fromParallel(collecting(read.bytes())))
            .doOnNext(bytes -> assertThat(bytes).isEqualTo(BYTES))
            .then(fromParallel(storage().list("").collectList()))
            .then(fromParallel(storage().delete("a/b")))
            .then();
    await(fromParallel(all));
    assertAbsent("a/b");
  }

  private static <T> Mono<T> fromParallel(Mono<T> call) {
    return Mono.defer(() -> call).subscribeOn(Schedulers.parallel());
  }

  @Test
  void takesBuffersFromANonBlockingThreadWithoutBlockingIt() {
    byte[] bytes = bytes(2, SEVERAL_BUFFERS);
    Flux<OwnedBuffer> content =
        buffers.pieces(bytes, 100_000).publishOn(Schedulers.parallel()).map(buffer -> buffer);
    await(fromParallel(storage().save("a", content, SaveOptions.replace())));
    assertThat(read("a")).isEqualTo(bytes);
  }

  @Test
  void worksOnThreadsOfItsOwn() {
    save("a", BYTES);
    Thread subscriber = Thread.currentThread();
    AtomicReference<Thread> reader = new AtomicReference<>(subscriber);
    AtomicReference<Thread> stat = new AtomicReference<>(subscriber);
    await(
        storage()
            .stat("a")
            .doOnNext(found -> stat.set(Thread.currentThread()))
            .then(storage().read("a", Range.all(), null))
            .flatMapMany(ObjectRead::bytes)
            .doOnNext(buffer -> reader.set(Thread.currentThread()))
            .doOnNext(OwnedBuffer::close)
            .then());
    for (Thread own : new Thread[] {reader.get(), stat.get()}) {
      assertThat(own).isNotSameAs(subscriber);
      assertThat(Schedulers.isNonBlockingThread(own)).as(own.getName()).isFalse();
    }
  }

  @Test
  void boundsWhatItAsksTheSourceFor() {
    AtomicLong asked = new AtomicLong();
    AtomicLong most = new AtomicLong();
    Flux<OwnedBuffer> content =
        buffers
            .pieces(bytes(3, SEVERAL_BUFFERS), PIECE)
            .doOnRequest(
                n -> {
                  long total = asked.addAndGet(Math.min(n, Integer.MAX_VALUE));
                  most.accumulateAndGet(total - buffers.made() + buffers.open(), Math::max);
                });
    await(storage().save("a", content, SaveOptions.replace()));
    assertThat(most).hasValueBetween(1L, MOST_IN_FLIGHT);
  }

  @Test
  void letsOneStorageFeedAnother() {
    byte[] bytes = bytes(4, SEVERAL_BUFFERS);
    save("from", bytes);
    Flux<OwnedBuffer> content =
        storage().read("from", Range.all(), null).flatMapMany(ObjectRead::bytes);
    await(storage().save("to", content, SaveOptions.onlyIfAbsent()));
    assertThat(read("to")).isEqualTo(bytes);
  }

  @Test
  void survivesManyCallsAtOnce() {
    save("a", BYTES);
    Long read =
        Flux.range(0, 200)
            .flatMap(
                i ->
                    storage()
                        .read("a", Range.of(i * 100L, 100), null)
                        .flatMapMany(ObjectRead::bytes)
                        .map(StorageTopic::take),
                200)
            .map(bytes -> (long) bytes.length)
            .reduce(0L, Long::sum)
            .block(Patience.LIMIT);
    assertThat(read).isEqualTo(200 * 100);
  }
}
