package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Several at once, also through two openings of one place. */
abstract class RaceTopic extends StorageTopic {
  private static final int WRITERS = 6;

  RaceTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void letsOneOfManySavesIfAbsentWin() {
    for (int round = 0; round < 5; round++) {
      String name = "round/" + round;
      List<String> outcomes =
          atOnce(
              (number, storage) ->
                  storage
                      .save(
                          name,
                          buffers.pieces(bytes(number, 30_000), PIECE),
                          SaveOptions.onlyIfAbsent())
                      .map(won -> "won " + number)
                      .onErrorResume(AlreadyExistsException.class, e -> Mono.just("refused")));
      List<String> winners = outcomes.stream().filter(each -> !each.equals("refused")).toList();
      assertThat(winners).hasSize(1);
      long winner = Long.parseLong(winners.get(0).substring("won ".length()));
      assertThat(read(name)).isEqualTo(bytes(winner, 30_000));
    }
  }

  @Test
  void losesNoIncrementOfACounter() {
    int each = 8;
    save("counter", number(0));
    atOnce((number, storage) -> increment(storage).repeat(each - 1).then(Mono.just("done")));
    assertThat(read("counter")).isEqualTo(number((long) WRITERS * each));
  }

  private Mono<StoredObject> increment(CheckpointStorage storage) {
    Mono<StoredObject> attempt =
        storage
            .read("counter", Range.all(), null)
            .flatMap(
                read ->
                    collecting(read.bytes())
                        .flatMap(
                            old -> {
                              long next = ByteBuffer.wrap(old).getLong() + 1;
                              return storage.save(
                                  "counter",
                                  buffers.pieces(number(next), Long.BYTES),
                                  SaveOptions.onlyIfVersion(read.object().version()));
                            }));
    return attempt.retryWhen(
        reactor.util.retry.Retry.indefinitely()
            .filter(e -> e instanceof ChangedMeanwhileException));
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  @Test
  void endsWithOneOfTwoWritersWhole() {
    for (int round = 0; round < 5; round++) {
      atOnce(
          (number, storage) ->
              storage
                  .save(
                      "a",
                      buffers.pieces(bytes(number, 100_000 + (int) number), PIECE),
                      SaveOptions.replace())
                  .map(StoredObject::version));
      byte[] left = read("a");
      long winner = left.length - 100_000L;
      assertThat(left).isEqualTo(bytes(winner, left.length));
    }
  }

  @Test
  void neverShowsAReaderBytesOfTwoVersions() {
    byte[][] states = {bytes(0, SEVERAL_BUFFERS), bytes(1, SEVERAL_BUFFERS)};
    save("a", states[0]);
    AtomicBoolean written = new AtomicBoolean();
    CheckpointStorage other = openAnother();
    Mono<Void> writing =
        Flux.range(1, 12)
            .concatMap(
                i -> other.save("a", buffers.pieces(states[i % 2], 1 << 20), SaveOptions.replace()))
            .then()
            .doFinally(signal -> written.set(true));
    Mono<Long> reading =
        Mono.defer(() -> storage().read("a", Range.all(), null).flatMap(this::whole))
            .repeat(() -> !written.get())
            .doOnNext(
                bytes ->
                    assertThat(
                            bytes.length == 0
                                || Arrays.equals(bytes, states[0])
                                || Arrays.equals(bytes, states[1]))
                        .as("%d bytes of one version", bytes.length)
                        .isTrue())
            .count();
    Mono.when(writing, reading).block(Patience.LIMIT);
    assertThat(read("a")).isEqualTo(states[0]);
  }

  /** The bytes, or none when that version went before they were read. */
  private Mono<byte[]> whole(ObjectRead read) {
    return collecting(read.bytes())
        .onErrorResume(ChangedMeanwhileException.class, e -> Mono.just(new byte[0]));
  }

  @Test
  void letsOneOfManyDeletionsTellThatItRemoved() {
    Assumptions.assumeTrue(
        can(StorageCapability.CONDITIONAL_DELETES),
        "not applicable: a delete here may remove what is not meant");
    save("a", bytes(1, 10));
    List<String> outcomes =
        atOnce((number, storage) -> storage.delete("a").map(removed -> removed.toString()));
    assertThat(outcomes).filteredOn("true"::equals).hasSize(1);
    assertAbsent("a");
  }

  /** One writer of a race. */
  private interface Racer {
    Mono<String> run(long number, CheckpointStorage storage);
  }

  private List<String> atOnce(Racer racer) {
    CheckpointStorage other = openAnother();
    return Objects.requireNonNull(
        Flux.range(0, WRITERS)
            .flatMap(
                number ->
                    Mono.defer(() -> racer.run(number, number % 2 == 0 ? storage() : other))
                        .subscribeOn(Schedulers.boundedElastic()),
                WRITERS)
            .collectList()
            .block(Patience.LIMIT));
  }
}
