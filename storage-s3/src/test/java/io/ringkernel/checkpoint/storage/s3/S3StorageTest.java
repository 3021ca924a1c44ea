package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.DeleteObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;

/** What the contract does not ask of all storages. */
class S3StorageTest {
  private static final byte[] SMALL = DeterministicBytes.array(1, 40_000);
  private static final byte[] LARGE = DeterministicBytes.array(2, 1_500_000);

  private final StoreUnderTest store = new StoreUnderTest();

  @AfterEach
  void close() {
    store.close();
  }

  private static StorageException failureOf(Mono<?> call) {
    Throwable failure = catchThrowable(() -> call.block(Patience.LIMIT));
    assertThat(failure).isInstanceOf(StorageException.class);
    return (StorageException) failure;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 262_143, 262_144, 1_499_999})
  void tellsThatBytesAreNotThoseThatWereStored(int offset) {
    store.save("a", LARGE, SaveOptions.replace());
    // What the service says of the object stays what it was.
    store.server().bucket().rot("some/where/a", offset);
    assertThat(failureOf(store.reading("a"))).hasMessageContaining("CRC32C");
  }

  @Test
  void tellsThatASmallObjectIsDamaged() {
    store.save("a", SMALL, SaveOptions.replace());
    store.server().bucket().rot("some/where/a", 17);
    assertThat(failureOf(store.reading("a"))).hasMessageContaining("CRC32C");
  }

  @Test
  void showsWhatOthersStored() {
    store.server().bucket().putForeign("some/where/theirs.rkcp", SMALL);
    store.server().bucket().putForeign("some/where/folder/", new byte[0]);
    store.server().bucket().putForeign("elsewhere", SMALL);
    StoredObject theirs = store.stat("theirs.rkcp");
    assertThat(store.names()).containsExactly("theirs.rkcp");
    assertThat(theirs.attributes()).isEmpty();
    assertThat(store.read("theirs.rkcp")).isEqualTo(SMALL);
    store.save("theirs.rkcp", LARGE, SaveOptions.onlyIfVersion(theirs.version()));
    assertThat(store.read("theirs.rkcp")).isEqualTo(LARGE);
  }

  @Test
  void refusesAttributesThatS3WouldNotKeep() {
    SaveOptions options = SaveOptions.replace().withAttributes(Map.of("a", "x".repeat(2_000)));
    Throwable failure =
        catchThrowable(() -> store.saving("a", SMALL, options).block(Patience.LIMIT));
    assertThat(failure).isInstanceOf(LimitExceededException.class);
    assertThat(store.server().faults().takeCounts()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"PUT", "COMPLETE"})
  void tellsThatAConflictPasses(S3Operation commit) {
    byte[] bytes = commit == S3Operation.PUT ? SMALL : LARGE;
    store
        .server()
        .faults()
        .inject(commit, 1, 1, new Faults.Fault.Refused(409, "ConditionalRequestConflict"));
    Mono<StoredObject> saving = store.saving("a", bytes, SaveOptions.onlyIfAbsent());
    StorageException failure = failureOf(saving);
    assertThat(failure.isTransient()).isTrue();
    assertThat(store.names()).isEmpty();
    assertThat(store.server().bucket().uploads()).isEmpty();
    // Subscribing again reads the source again.
    saving.block(Patience.LIMIT);
    assertThat(store.read("a")).isEqualTo(bytes);
  }

  @Test
  void tellsWhyAnUploadFailedAlsoWhenItCanNotBeAborted() {
    store.save("a", SMALL, SaveOptions.replace());
    Faults faults = store.server().faults();
    faults.inject(S3Operation.PART, 1, 1, new Faults.Fault.Refused(403, "AccessDenied"));
    faults.inject(S3Operation.ABORT, 1, 3, new Faults.Fault.Refused(500, "InternalError"));
    // The same bytes once more go as an upload.
    SaveOptions options = SaveOptions.onlyIfVersion(store.savedVersion());
    assertThat(failureOf(store.saving("a", SMALL, options)))
        .hasMessageContaining("403 AccessDenied");
  }

  @Test
  void tellsThatAConflictPassesWhereTheExpectedVersionIsStillThere() {
    store.save("a", SMALL, SaveOptions.replace());
    store
        .server()
        .faults()
        .inject(S3Operation.PUT, 1, 1, new Faults.Fault.Refused(409, "ConditionalRequestConflict"));
    SaveOptions options = SaveOptions.onlyIfVersion(store.savedVersion());
    byte[] bytes = DeterministicBytes.array(7, 50_000);
    assertThat(failureOf(store.saving("a", bytes, options)).isTransient()).isTrue();
  }

  @Test
  void tellsThatTheExpectedVersionWasDeletedAtTheLastMoment() {
    store.save("a", SMALL, SaveOptions.replace());
    SaveOptions options = SaveOptions.onlyIfVersion(store.savedVersion());
    store
        .server()
        .faults()
        .inject(S3Operation.PUT, 1, 1, new Faults.Fault.Refused(404, "NoSuchKey"));
    Mono<StoredObject> saving = store.saving("a", DeterministicBytes.array(7, 50_000), options);
    assertThat(catchThrowable(() -> saving.block(Patience.LIMIT)))
        .isInstanceOf(ChangedMeanwhileException.class);
  }

  /** A storage in which another stores much under "a" right before each request of a kind. */
  private S3Storage replacedBefore(Class<? extends SdkRequest> kind) {
    ExecutionInterceptor another =
        new ExecutionInterceptor() {
          @Override
          public void beforeTransmission(
              Context.BeforeTransmission context, ExecutionAttributes attributes) {
            if (kind.isInstance(context.request())) {
              store.server().bucket().putForeign("p/a", LARGE);
            }
          }
        };
    return new S3Storage(
        S3Options.parse(StorageOptions.parse(store.server().uri("p"))),
        client -> client.overrideConfiguration(own -> own.addExecutionInterceptor(another)),
        TimeLimits.DEFAULT);
  }

  @Test
  void tellsOfWhatItSavedAlsoWhenAnotherHasReplacedIt() {
    S3Storage other = replacedBefore(HeadObjectRequest.class);
    StoredObject saved = savedBy(other, SMALL, SaveOptions.replace());
    assertThat(saved.size()).isEqualTo(SMALL.length);
    assertThat(saved.version()).isNotEqualTo(other.stat("a").block(Patience.LIMIT).version());
    other.close().block(Patience.LIMIT);
  }

  @Test
  void removesWhatIsThereAlsoWhenItWasReplacedAtTheLastMoment() {
    S3Storage other = replacedBefore(DeleteObjectRequest.class);
    savedBy(other, SMALL, SaveOptions.replace());
    assertThat(other.delete("a").block(Patience.LIMIT)).isTrue();
    assertThat(other.exists("a").block(Patience.LIMIT)).isFalse();
    other.close().block(Patience.LIMIT);
  }

  @Test
  void removesNothingThatReplacedTheExpectedVersionAtTheLastMoment() {
    S3Storage other = replacedBefore(DeleteObjectRequest.class);
    String version = savedBy(other, SMALL, SaveOptions.replace()).version();
    assertThat(catchThrowable(() -> other.delete("a", version).block(Patience.LIMIT)))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(other.stat("a").block(Patience.LIMIT).size()).isEqualTo(LARGE.length);
    other.close().block(Patience.LIMIT);
  }

  /** Else another's condition on the first would hold for the second. */
  @Test
  void givesTheSameBytesAnotherETagAlsoInParts() {
    S3Storage other = store.server().open("p");
    byte[] bytes = DeterministicBytes.array(8, 9 << 20);
    StoredObject first = savedBy(other, bytes, SaveOptions.replace());
    StoredObject second = savedBy(other, bytes, SaveOptions.onlyIfVersion(first.version()));
    assertThat(ObjectVersion.parse(second.version()).etag())
        .isNotEqualTo(ObjectVersion.parse(first.version()).etag());
    other.close().block(Patience.LIMIT);
  }

  private StoredObject savedBy(S3Storage storage, byte[] bytes, SaveOptions options) {
    return storage.save("a", store.buffers().pieces(bytes, 90_000), options).block(Patience.LIMIT);
  }

  @Test
  void waitsForNoPartOfASaveThatIsGivenUp() {
    store.server().faults().inject(S3Operation.PART, 1, 100, new Faults.Fault.Silent());
    Disposable saving = store.saving("a", LARGE, SaveOptions.replace()).subscribe();
    Patience.until(
        "a part is on its way", () -> store.server().faults().seen(S3Operation.PART) > 0);
    saving.dispose();
    Patience.until("nothing is held", () -> store.storage().openHandles() == 0);
    assertThat(store.server().bucket().uploads()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {70_000, 200_000, 1_500_000})
  void refusesPartsWhereSomethingIsWhetherTheSourceHasEndedOrNot(int size) {
    store.save("a", SMALL, SaveOptions.replace());
    byte[] bytes = DeterministicBytes.array(5, size);
    assertThat(
            catchThrowable(
                () -> store.saving("a", bytes, SaveOptions.onlyIfAbsent()).block(Patience.LIMIT)))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(store.read("a")).isEqualTo(SMALL);
    assertThat(store.server().bucket().uploads()).isEmpty();
  }

  @Test
  void goesOnAtTheByteWhereAReadBroke() {
    store.save("a", DeterministicBytes.array(3, 8_000_000), SaveOptions.replace());
    Faults faults = store.server().faults();
    faults.inject(S3Operation.GET, 2, 3, new Faults.Fault.ResetInAnswer(2_000_000));
    assertThat(store.read("a")).isEqualTo(DeterministicBytes.array(3, 8_000_000));
    assertThat(faults.seen(S3Operation.GET)).isEqualTo(5);
  }

  @Test
  void goesOnAsOftenAsAConnectionBringsMuch() {
    store.save("a", DeterministicBytes.array(3, 8_000_000), SaveOptions.replace());
    Faults faults = store.server().faults();
    faults.inject(S3Operation.GET, 2, 6, new Faults.Fault.Truncated(1_100_000));
    assertThat(store.read("a")).isEqualTo(DeterministicBytes.array(3, 8_000_000));
    assertThat(faults.seen(S3Operation.GET)).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({"40000, 1", "1500000, 1", "1500000, 2"})
  void neverTakesAWholeObjectForTheRangeThatItAskedFor(int size, int request) {
    store.save("a", DeterministicBytes.array(6, size), SaveOptions.replace());
    store.server().faults().inject(S3Operation.GET, request, 1, new Faults.Fault.Unranged());
    assertThat(failureOf(store.reading("a", Range.of(1_000, 300_000))))
        .hasMessageContaining("'a': the store sent")
        .hasMessageContaining("range");
  }

  @Test
  void boundsTheMemoryOfASave() {
    AtomicLong most = new AtomicLong();
    byte[] bytes = DeterministicBytes.array(4, 4_000_000);
    store
        .storage()
        .save(
            "a",
            store
                .buffers()
                .pieces(bytes, 10_000)
                .doOnNext(
                    piece -> most.accumulateAndGet(store.storage().heldForSending(), Math::max)),
            SaveOptions.replace())
        .block(Patience.LIMIT);
    // Four parts of 64 KiB, each in a segment of its own, and one whose answer is on its way.
    assertThat(most).hasValueBetween(1L, 5L);
    assertThat(store.read("a")).isEqualTo(bytes);
  }

  @Test
  void givesSeveralReadersTheirRangesAtOnce() {
    store.save("a", LARGE, SaveOptions.replace());
    List<Boolean> equal =
        Flux.range(0, 24)
            .flatMap(
                i ->
                    store
                        .reading("a", Range.of(i * 50_000L, 300_000))
                        .map(
                            bytes ->
                                Arrays.equals(
                                    bytes,
                                    Arrays.copyOfRange(
                                        LARGE, i * 50_000, i * 50_000 + bytes.length))),
                24)
            .collectList()
            .block(Patience.LIMIT);
    assertThat(equal).hasSize(24).containsOnly(true);
  }

  @Test
  void leavesNoConnectionToAReadThatNobodyGoesOnWith() {
    store.save("a", LARGE, SaveOptions.replace());
    ObjectRead read = store.storage().read("a", Range.all(), null).block(Patience.LIMIT);
    read.bytes().take(2).doOnNext(buffer -> buffer.close()).blockLast(Patience.LIMIT);
    Patience.until("nothing is held", () -> store.storage().openHandles() == 0);
  }

  @ParameterizedTest
  @CsvSource({"true, 2", "false, 1"})
  void asksOnceForADeleteThatMayComeLate(boolean isConditional, int requests) {
    S3Storage other = open(store.server().uri("d", "conditional-delete=" + isConditional));
    other
        .save("a", store.buffers().pieces(SMALL, 9_000), SaveOptions.replace())
        .block(Patience.LIMIT);
    store.server().faults().inject(S3Operation.DELETE, 1, 1, new Faults.Fault.LostAnswer());

    assertThat(other.delete("a").block(Patience.LIMIT)).isTrue();

    assertThat(store.server().faults().seen(S3Operation.DELETE)).isEqualTo(requests);
    other.close().block(Patience.LIMIT);
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void neverTellsThatADeleteIsDoneThatMayStillBeOnItsWay(boolean isConditional, boolean fails) {
    S3Storage other = open(store.server().uri("d", "conditional-delete=" + isConditional));
    String version =
        other
            .save("a", store.buffers().pieces(SMALL, 9_000), SaveOptions.replace())
            .block(Patience.LIMIT)
            .version();
    store.server().faults().inject(S3Operation.DELETE, 1, 1, new Faults.Fault.LostAnswer());

    Signal<Boolean> told = other.delete("a", version).materialize().block(Patience.LIMIT);

    // It is gone: another's delete may have been quicker than this one.
    assertThat(other.exists("a").block(Patience.LIMIT)).isFalse();
    assertThat(told.hasError()).isEqualTo(fails);
    if (fails) {
      assertThat(((StorageException) told.getThrowable()).isTransient()).isTrue();
    }
    other.close().block(Patience.LIMIT);
  }

  @Test
  void tellsThatThereIsNoBucketAndNoPermission() {
    S3Storage other = open(store.server().uri("").replace(S3Server.BUCKET, "no-such-bucket"));
    StorageException missing =
        failureOf(other.save("a", store.buffers().pieces(SMALL, 9_000), SaveOptions.replace()));
    assertThat(missing)
        .hasMessageContaining("NoSuchBucket")
        .hasMessageContaining("'a'")
        .hasMessageContaining("bucket 'no-such-bucket' at " + store.server().endpoint())
        .hasMessageContaining("aws --endpoint-url " + store.server().endpoint())
        .hasMessageContaining("s3 mb s3://no-such-bucket");
    assertThat(missing.isTransient()).isFalse();
    other.close().block(Patience.LIMIT);

    store
        .server()
        .faults()
        .inject(S3Operation.HEAD, 1, 1, new Faults.Fault.Refused(403, "AccessDenied"));
    StorageException denied = failureOf(store.storage().stat("a"));
    assertThat(denied).hasMessageContaining("403").hasMessageContaining("credentials");
    assertThat(denied.isTransient()).isFalse();

    store
        .server()
        .faults()
        .inject(S3Operation.PUT, 1, 1, new Faults.Fault.Refused(400, "InvalidBucketName"));
    assertThat(
            failureOf(
                store
                    .storage()
                    .save("a", store.buffers().pieces(SMALL, 9_000), SaveOptions.replace())))
        .hasMessageContaining("no bucket has such a name: correct it");
  }

  private static S3Storage open(String uri) {
    return new S3Storage(S3Options.parse(StorageOptions.parse(uri)));
  }

  @Test
  void worksWithStoresThatKnowNeitherChecksumsNorConditionalDeletes() {
    S3Storage plain = open(store.server().uri("p", "checksums=false", "conditional-delete=false"));
    StoredObject saved =
        plain
            .save("a", store.buffers().pieces(SMALL, 9_000), SaveOptions.onlyIfAbsent())
            .block(Patience.LIMIT);
    assertThat(
            StoreUnderTest.collecting(
                    plain.read("a", Range.all(), null).flatMapMany(ObjectRead::bytes))
                .block(Patience.LIMIT))
        .isEqualTo(SMALL);
    assertThat(plain.delete("a", saved.version()).block(Patience.LIMIT)).isTrue();
    assertThat(plain.delete("a").block(Patience.LIMIT)).isFalse();
    plain.close().block(Patience.LIMIT);
  }
}
