package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Ranges, versions and demand of reads. */
abstract class ReadTopic extends StorageTopic {
  private static final byte[] BYTES = bytes(1, SEVERAL_BUFFERS);

  ReadTopic(StorageContract backend) {
    super(backend);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0, 1",
    "0, 65536",
    "1, 1048576",
    "1048575, 2",
    "3000000, 9223372036854775807",
    "3145804, 1",
    "3145804, 2",
    "3145805, 1",
    "3145806, 10",
    "9223372036854775807, 1",
    "0, 9223372036854775807",
    "17, 0"
  })
  void readsARangeAndLeavesOutWhatLiesPastTheEnd(long offset, long length) {
    save("a", BYTES);
    int from = (int) Math.min(offset, BYTES.length);
    int to = from + (int) Math.min(length, BYTES.length - from);
    assertThat(read("a", Range.of(offset, length))).isEqualTo(Arrays.copyOfRange(BYTES, from, to));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 64, 1_048_577, SEVERAL_BUFFERS, SEVERAL_BUFFERS + 1, Long.MAX_VALUE})
  void readsASuffix(long length) {
    save("a", BYTES);
    int from = (int) Math.max(0, BYTES.length - length);
    assertThat(read("a", Range.suffix(length)))
        .isEqualTo(Arrays.copyOfRange(BYTES, from, BYTES.length));
  }

  @Test
  void readsAnyRangeOfAnEmptyObject() {
    save("a", new byte[0]);
    assertThat(read("a", Range.all())).isEmpty();
    assertThat(read("a", Range.suffix(10))).isEmpty();
    assertThat(read("a", Range.of(5, 5))).isEmpty();
  }

  @Test
  void tellsOfAReadWhatStatTells() {
    save("a", BYTES);
    ObjectRead read = await(storage().read("a", Range.suffix(3), null), ObjectRead.class);
    assertThat(read.object()).isEqualTo(stat("a"));
  }

  @Test
  void tellsThatThereIsNothing() {
    assertThat(failureOf(storage().read("no/such", Range.all(), null)))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("no/such");
    assertThat(failureOf(storage().stat("no/such")))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("no/such");
    assertThat(storage().exists("no/such").block(Patience.LIMIT)).isFalse();
  }

  @Test
  void tellsThatThereIsNothingAlsoWhenAVersionWasExpected() {
    StoredObject gone = save("a", BYTES);
    await(storage().delete("a"));
    assertThat(failureOf(storage().read("a", Range.all(), gone.version())))
        .isInstanceOf(CheckpointNotFoundException.class);
  }

  @Test
  void readsTheExpectedVersion() {
    StoredObject saved = save("a", BYTES);
    Mono<ObjectRead> reading = storage().read("a", Range.of(7, 20), saved.version());
    assertThat(bytesOf(reading.flatMapMany(ObjectRead::bytes)))
        .isEqualTo(Arrays.copyOfRange(BYTES, 7, 27));
  }

  @Test
  void refusesToReadAnotherVersionThanExpected() {
    StoredObject old = save("a", BYTES);
    save("a", BYTES);
    assertThat(failureOf(storage().read("a", Range.all(), old.version())))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("'a'");
  }

  @Test
  void readsTheSameBytesAgainAndAtOnce() {
    save("a", BYTES);
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    List<byte[]> copies =
        Objects.requireNonNull(
            Flux.range(0, 4)
                .flatMap(i -> collecting(read.bytes()).subscribeOn(Schedulers.boundedElastic()))
                .collectList()
                .block(Patience.LIMIT));
    assertThat(copies).hasSize(4).allSatisfy(copy -> assertThat(copy).isEqualTo(BYTES));
  }

  @Test
  void lendsEachBufferUntilItIsClosed() {
    save("a", BYTES);
    List<OwnedBuffer> lent =
        Objects.requireNonNull(
            storage()
                .read("a", Range.all(), null)
                .flatMapMany(ObjectRead::bytes)
                .collectList()
                .block(Patience.LIMIT));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    lent.forEach(buffer -> all.writeBytes(take(buffer)));
    assertThat(all.toByteArray()).isEqualTo(BYTES);
  }

  @Test
  void givesAsManyBuffersAsAreDemanded() {
    save("a", BYTES);
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    long count = Objects.requireNonNull(countClosing(read.bytes()).block(Patience.LIMIT));
    assertThat(count).as("buffers of %d bytes in all", SEVERAL_BUFFERS).isGreaterThan(2);
    StepVerifier.Step<byte[]> steps =
        StepVerifier.create(read.bytes().map(StorageTopic::take), 0).expectSubscription();
    for (long i = 0; i < count; i++) {
      steps = steps.expectNoEvent(Duration.ofMillis(2)).thenRequest(1).expectNextCount(1);
    }
    steps.thenRequest(1).expectComplete().verify(Patience.LIMIT);
  }

  private static Mono<Long> countClosing(Flux<OwnedBuffer> stream) {
    return stream.doOnNext(OwnedBuffer::close).count();
  }
}
