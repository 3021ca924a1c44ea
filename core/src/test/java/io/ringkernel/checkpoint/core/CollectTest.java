package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.util.retry.Retry;

/** Collections: what they remove, what they wait for, what they tell. */
class CollectTest {
  private static final Duration LEASE = Duration.ofMillis(200);

  @RegisterExtension
  final StoreFixture store = new StoreFixture("memory:", settings -> settings.lease(LEASE));

  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @Test
  void removesWhatNothingRefersToAndTellsOfIt() {
    ObjectId gone = store.saveAndDelete();
    checkpointer.save("kept", TestStates.of("fdtd", 2)).block(LONG);

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.removed()).singleElement().matches(one -> one.id().equals(gone));
    assertThat(report.removedBytes()).isGreaterThan(100_000);
    assertThat(report.objects()).isEqualTo(2);
    assertThat(report.referred()).isEqualTo(1);
    assertThat(report.condemned()).isEmpty();
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
    assertThat(checkpointer.verify("kept", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void changesNothingWhenDry() {
    ObjectId gone = store.saveAndDelete();
    storage.heal();

    CollectReport report = checkpointer.collect(AT_ONCE.asDryRun()).block(LONG);

    assertThat(report.dryRun()).isTrue();
    assertThat(report.removed()).singleElement().matches(one -> one.id().equals(gone));
    assertThat(storage.count("save", "") + storage.count("delete", "")).isZero();
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void waitsForTheGracePeriodFromItsFirstTombstone() {
    store.saveAndDelete();

    CollectReport first = checkpointer.collect().block(LONG);
    assertThat(first.removed()).isEmpty();
    assertThat(first.condemned()).hasSize(1);
    assertThat(store.count(StoreNames.TOMBSTONES)).isEqualTo(1);

    CollectReport again = checkpointer.collect().block(LONG);
    assertThat(again.removed()).isEmpty();
    assertThat(again.condemned())
        .isEqualTo(
            first.condemned().stream()
                .map(
                    one ->
                        new CollectReport.Garbage(
                            one.id(),
                            one.size(),
                            one.storedAt(),
                            again.condemned().get(0).condemnedAt()))
                .toList());
    assertThat(store.count(StoreNames.TOMBSTONES)).isEqualTo(1);

    CollectReport last = checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(last.removed()).hasSize(1);
    assertThat(last.removed().get(0).condemnedAt())
        .isEqualTo(again.condemned().get(0).condemnedAt());
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
  }

  @Test
  void writesIntoTheJournalWhatItRemoved() {
    ObjectId gone = store.saveAndDelete();
    checkpointer.collect(AT_ONCE).block(LONG);

    List<JournalRecord> journal = checkpointer.journal().collectList().block(LONG);

    assertThat(journal).hasSize(1);
    assertThat(journal.get(0).action()).isEqualTo(JournalRecord.Action.COLLECT);
    assertThat(journal.get(0).objects()).containsExactly(gone);
    assertThat(journal.get(0).complete()).isTrue();
    assertThat(journal.get(0).policy()).contains("a grace of 0 s");
  }

  @Test
  void leavesARecordOfWhatItWasGoingToRemoveWhenItDies() throws InterruptedException {
    ObjectId gone = store.saveAndDelete();
    storage.failWhen(
        call -> call.operation().equals("delete") && call.name().startsWith(StoreNames.OBJECTS),
        Fault.HANG);
    Disposable dying = checkpointer.collect(AT_ONCE).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    dying.dispose();
    storage.heal();

    List<JournalRecord> journal = checkpointer.journal().collectList().block(LONG);
    assertThat(journal).singleElement().matches(one -> !one.complete());
    assertThat(journal.get(0).objects()).containsExactly(gone);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
  }

  @Test
  void keepsTheAncestorsOfADeltaWhoseBaseIsDeleted() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("p", 3);
    SaveReceipt delta =
        checkpointer
            .save(kernel, SaveRequest.defaults().named("delta").base(BaseChoice.latest()))
            .block(LONG);
    assertThat(delta.kind()).isEqualTo(CheckpointKind.DELTA);
    checkpointer.delete("base").block(LONG);

    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).isEmpty();

    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
    checkpointer.flatten("delta").block(LONG);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(2);
    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
  }

  @Test
  void removesNothingWhenAnEntryCanNotBeRead() {
    store.saveAndDelete();
    storage.put("broken", "rkcp-entry 1\nobject nobody-knows\n");

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("'broken'");
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void removesNothingWhenAnEntryIsDamagedWhereverItIs() {
    store.saveAndDelete();
    checkpointer.save("kept", TestStates.of("fdtd", 2)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "kept");
    for (int i = 0; i < entry.length; i++) {
      entry[i] ^= 0x04;
      BareFiles.put(storage, "kept", entry);
      int at = i;
      assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
          .as("byte %s", at)
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("'kept'");
      entry[i] ^= 0x04;
    }
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(2);
  }

  @Test
  void removesNothingWhenLittleIsLeftOfAnEntry() {
    store.saveAndDelete();
    checkpointer.save("kept", TestStates.of("fdtd", 2)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "kept");
    byte[] withoutItsBeginning = entry.clone();
    Arrays.fill(withoutItsBeginning, 0, 256, (byte) 0);
    List<byte[]> remains =
        List.of(
            new byte[0],
            Arrays.copyOf(entry, 1),
            Arrays.copyOf(entry, 10),
            new byte[entry.length],
            withoutItsBeginning,
            TestStates.random(entry.length, 3));
    for (byte[] left : remains) {
      BareFiles.put(storage, "kept", left);
      assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("'kept'");
    }
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(2);
  }

  @Test
  void removesNothingWhenAHeadIsUnderAnotherKernelsKey() {
    store.saveAndDelete();
    byte[] head = BareFiles.stored(storage, StoreNames.head("fdtd"));
    BareFiles.put(storage, StoreNames.head("another"), head);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("heads/another")
        .hasMessageContaining("kernel 'fdtd'");
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void removesNothingWhenABareFileThatMayReferToObjectsIsDamaged() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("p", 3);
    SaveReceipt delta =
        checkpointer.save(kernel, SaveRequest.defaults().named("delta")).block(LONG);
    byte[] file = BareFiles.stored(storage, StoreNames.object(delta.objectId()));
    BareFiles.put(storage, "bare", file);
    checkpointer.delete("base").block(LONG);
    checkpointer.delete("delta").block(LONG);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed())
        .singleElement()
        .matches(one -> one.id().equals(delta.objectId()));

    file[file.length - 1] ^= 1;
    BareFiles.put(storage, "bare", file);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("'bare'");
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void isNotDisturbedByFilesThatAreNoCheckpoints() {
    store.saveAndDelete();
    storage.put("README", "hello");

    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(storage.exists("README").block(LONG)).isTrue();
  }

  @Test
  void keepsWhatASaveUnderWayHasWritten() throws InterruptedException {
    storage.failWhen(Call::commits, Fault.HANG);
    Disposable save = checkpointer.save("b", TestStates.of("fdtd", 2)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.pins()).isEqualTo(1);
    assertThat(report.removed()).isEmpty();
    save.dispose();
  }

  /** Ages every pin past its lease, as a saver that is stopped does not notice. */
  private void breakPins() {
    storage
        .list(StoreNames.PINS)
        .concatMap(
            pin -> {
              SmallObjects small = new SmallObjects(storage);
              return small
                  .read(pin.name(), RecordKind.PIN)
                  .flatMap(
                      start ->
                          small.write(
                              pin.name(),
                              PinRecord.decode(start.bytes()).asBroken().encode(),
                              start.object().version()))
                  // Its saver may renew it in between.
                  .retryWhen(Retry.max(8).filter(Failures::isRefusal));
            })
        .blockLast(LONG);
  }

  @Test
  void refusesTheCommitOfASaverThatItHeldDead() {
    storage.before(
        Call::commits,
        () -> {
          // As a collector does first when a lease is over; the rest is the collection's.
          breakPins();
          CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);
          assertThat(report.removed()).hasSize(1);
          assertThat(report.notes()).anyMatch(note -> note.contains("lease"));
        });

    assertThatThrownBy(() -> checkpointer.save("b", TestStates.of("fdtd", 2)).block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("lease");

    assertThat(checkpointer.list("").count().block(LONG)).isZero();
    assertThat(store.count(StoreNames.OBJECTS)).isZero();
  }

  @Test
  void endsTheWorkOfASaverThatFindsItsPinBroken() throws InterruptedException {
    StillKernel kernel = new StillKernel("fdtd", 2);
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.OBJECTS),
        Fault.HANG);
    CompletableFuture<Signal<SaveReceipt>> save =
        checkpointer.save(kernel).materialize().toFuture();
    assertThat(storage.awaitHanging()).isTrue();

    breakPins();

    assertThat(save.join().getThrowable()).hasMessageContaining("lease");
    Patience.until("nothing waits for the storage", () -> storage.hangs.get() == 0);
    assertThat(kernel.open).hasValue(0);
    storage.heal();
  }

  @Test
  void makesNoStoreWhereNothingWasSaved() {
    BareFiles.put(storage, "bare", TestStates.of("k", 1), 2);
    storage.heal();

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.objects()).isZero();
    assertThat(report.dryRun()).isFalse();
    assertThat(checkpointer.collect(AT_ONCE.asDryRun()).block(LONG).dryRun()).isTrue();
    assertThat(storage.count("save", "") + storage.count("delete", "")).isZero();
    assertThat(storage.list("").map(StoredObject::name).collectList().block(LONG))
        .containsExactly("bare");
  }

  @Test
  void letsASaveGoOnThatTakesLongerThanItsLease() {
    Checkpointer slow = Checkpointer.builder(storage).parallelism(1).lease(LEASE).build();
    storage.before(
        Call::commits,
        () -> {
          Mono.delay(LEASE.multipliedBy(4)).block();
          assertThat(checkpointer.collect(AT_ONCE).block(LONG).pins()).isEqualTo(1);
        });

    slow.save("b", TestStates.of("fdtd", 2)).block(LONG);

    assertThat(checkpointer.verify("b", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    slow.close().block(LONG);
  }

  @Test
  void releasesThePinHoweverASaveEnds() throws InterruptedException {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    assertThat(store.count(StoreNames.PINS)).isZero();

    storage.failWhen(Call::commits, Fault.FAIL);
    assertThatThrownBy(() -> checkpointer.save("a", TestStates.of("fdtd", 2)).block(LONG))
        .isInstanceOf(CommitStateUnknownException.class);
    storage.heal();
    assertThat(store.count(StoreNames.PINS)).isZero();

    storage.failWhen(Call::commits, Fault.HANG);
    Disposable save = checkpointer.save("a", TestStates.of("fdtd", 2)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    save.dispose();
    Patience.until("the pin is gone", () -> store.count(StoreNames.PINS) == 0);
  }

  @Test
  void aCondemnedBaseMeansAFullCheckpoint() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    ObjectId base =
        checkpointer.save(kernel, SaveRequest.defaults().named("a")).block(LONG).objectId();
    new Tombstones(storage, new SmallObjects(storage))
        .write(ObjectId.random(), List.of(base))
        .block(LONG);

    SaveReceipt receipt =
        checkpointer
            .save(kernel, SaveRequest.defaults().named("b").base(BaseChoice.latest()))
            .block(LONG);

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.notes()).anyMatch(note -> note.contains("being removed"));
    assertThat(TestStates.loaded(checkpointer, "b")).isEqualTo(kernel.bytes());
  }

  @Test
  void removesNothingWhenAPinCanNotBeRead() {
    store.saveAndDelete();
    storage.put(StoreNames.PINS + "broken", "rkcp-pin 1\nnonsense\n");

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("pins/broken");
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }

  @Test
  void aTombstoneThatCanNotBeReadCondemnsEverything() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    checkpointer.save(kernel, SaveRequest.defaults().named("a")).block(LONG);
    storage.put(StoreNames.TOMBSTONES + "broken", "rkcp-tombstone 2\n");

    SaveReceipt receipt =
        checkpointer
            .save(kernel, SaveRequest.defaults().named("b").base(BaseChoice.latest()))
            .block(LONG);

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(report.removed()).isEmpty();
    assertThat(report.notes()).singleElement().asString().contains("tombstones/broken", "delete");
    assertThat(store.count(StoreNames.TOMBSTONES)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void removesNothingThatSomethingRefersToByThen(boolean atOnce) {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "a");
    checkpointer.delete("a").block(LONG);
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.TOMBSTONES),
        () -> BareFiles.put(storage, "a", entry));

    CollectReport report =
        checkpointer.collect(atOnce ? AT_ONCE : CollectOptions.defaults()).block(LONG);

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(report.removed()).isEmpty();
    assertThat(report.condemned()).isEmpty();
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
    assertThat(checkpointer.verify("a", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void tellsWhichObjectCouldNotBeRemovedAndTakesTheOthers() {
    ObjectId stays = store.saveAndDelete();
    ObjectId goes = store.saveAndDelete();
    storage.refuseWhen(
        call -> call.operation().equals("delete") && call.name().equals(StoreNames.object(stays)));

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.removed()).singleElement().matches(one -> one.id().equals(goes));
    assertThat(report.condemned()).singleElement().matches(one -> one.id().equals(stays));
    assertThat(report.notes()).singleElement().asString().contains(stays.hex(), "was not removed");
    assertThat(store.count(StoreNames.TOMBSTONES)).as("it stays condemned").isEqualTo(1);
    storage.heal();
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
  }

  @Test
  void aTombstoneOfAnImpossibleTimeEndsNoGrace() {
    ObjectId gone = store.saveAndDelete();
    RecordWriter record =
        new RecordWriter(RecordKind.TOMBSTONE)
            .numbers("since", Long.MIN_VALUE)
            .ids("objects", List.of(gone));
    storage.put(
        StoreNames.TOMBSTONES + "odd", new String(record.bytes(), StandardCharsets.US_ASCII));

    CollectReport report = checkpointer.collect().block(LONG);

    assertThat(report.removed()).isEmpty();
    assertThat(report.condemned()).singleElement().matches(one -> one.id().equals(gone));
    assertThat(report.notes()).singleElement().asString().contains("tombstones/odd", "delete");
  }

  @Test
  void endsAPinWhoseLeaseIsOverAndFencesHeadAndEntryOfItsWriter() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    ObjectId object = ObjectId.random();
    PinRecord pin = new PinRecord("fdtd", "a", Duration.ofMillis(1), 0, false, List.of(object));
    SmallObjects small = new SmallObjects(storage);
    small.write(StoreNames.pin(object), pin.encode(), null).block(LONG);
    String head = storage.stat(StoreNames.head("fdtd")).block(LONG).version();
    String entry = storage.stat("a").block(LONG).version();
    Mono.delay(Duration.ofMillis(20)).block();

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.notes()).singleElement().asString().contains("fdtd", "lease");
    assertThat(report.pins()).isZero();
    assertThat(store.count(StoreNames.PINS)).isZero();
    assertThat(storage.stat(StoreNames.head("fdtd")).block(LONG).version()).isNotEqualTo(head);
    assertThat(storage.stat("a").block(LONG).version()).isNotEqualTo(entry);
    assertThat(TestStates.loaded(checkpointer, "a"))
        .isEqualTo(TestStates.bytes(TestStates.of("fdtd", 1)));
    StillKernel kernel = new StillKernel("fdtd", 0);
    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("a");
  }

  @Test
  void aPinIsReadAsWritten() {
    PinRecord pin =
        new PinRecord("k %", "a b", Duration.ofSeconds(3), 7, true, List.of(ObjectId.random()));
    assertThat(PinRecord.decode(pin.encode())).isEqualTo(pin);
    byte[] cut = Arrays.copyOf(pin.encode(), pin.encode().length - 3);
    assertThatThrownBy(() -> PinRecord.decode(cut)).isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void aLeaseOfMoreThan63BitsIsRefused() {
    byte[] pin =
        new RecordWriter(RecordKind.PIN).numbers("lease-millis", -1).numbers("renewals", 0).bytes();
    assertThatThrownBy(() -> PinRecord.decode(pin))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("'lease-millis' is above 63 bits");
  }
}
