package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Pins and tombstones of a time that is yet to come, as after a clock was put back. */
class FutureStampTest {
  private static final Duration LEASE = Duration.ofMillis(200);
  private static final Duration FAR = Duration.ofDays(400);

  @RegisterExtension final StoreFixture store;
  private final Path directory;
  private final ScriptedStorage storage;
  private final Checkpointer checkpointer;

  FutureStampTest(@TempDir Path directory) {
    this.directory = directory;
    store = new StoreFixture(directory.toUri().toString(), settings -> settings.lease(LEASE));
    storage = store.storage;
    checkpointer = store.checkpointer;
  }

  /** Whatever lies there is of a time so far ahead. */
  private void stamp(String folder, Duration ahead) {
    FileTime time = FileTime.from(Instant.now().plus(ahead));
    try (Stream<Path> files = Files.list(directory.resolve("%2Erkcp").resolve(folder))) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, time);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a save leaves that wrote its object and died. */
  private void die(Duration lease) {
    SmallObjects small = new SmallObjects(storage);
    ObjectId id = ObjectId.random();
    PinRecord pin = new PinRecord("fdtd", null, lease, 0, false, List.of(id));
    small.write(StoreNames.pin(id), pin.encode(), null).block(LONG);
    small.write(StoreNames.object(id), new byte[1], null).block(LONG);
  }

  @Test
  void ofADeadSaversPinIsToldAndHoldsForOneLeaseMore() {
    die(LEASE);
    die(LEASE);
    stamp("pins", FAR);

    CollectReport first = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(first.pins()).isEqualTo(2);
    assertThat(first.removed()).isEmpty();
    assertThat(first.notes())
        .singleElement()
        .asString()
        .startsWith("pin '.rkcp/pins/")
        .contains(
            "(and 1 more) of saves of kernel 'fdtd'",
            "399 d 23 h 59 min",
            "200 ms",
            "collect again");

    Mono.delay(LEASE.multipliedBy(2)).block();
    CollectReport second = checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(second.removed()).hasSize(2);
    assertThat(store.count(StoreNames.PINS)).isZero();
  }

  private long renewals() {
    return storage
        .list(StoreNames.PINS)
        .flatMap(pin -> new SmallObjects(storage).read(pin.name(), RecordKind.PIN))
        .map(start -> PinRecord.decode(start.bytes()).renewals())
        .blockLast(LONG);
  }

  @Test
  void ofALiveSaversPinDoesNotStopIt() throws Exception {
    Duration hour = Duration.ofHours(1);
    VirtualTimeScheduler timer = VirtualTimeScheduler.create();
    RandomIds ids = new RandomIds();
    SmallObjects small = new SmallObjects(storage);
    Resolver resolver = new Resolver(new Heads(storage, small), new Slots(small));
    Tombstones tombstones = new Tombstones(storage, small);
    Pins pins = new Pins(storage, small, tombstones, resolver, ids, hour, timer);
    CompletableFuture<Pin> held = new CompletableFuture<>();
    Sinks.Empty<Void> saved = Sinks.empty();
    CompletableFuture<Void> save =
        pins.hold(
                new Pins.Wanted("fdtd", ObjectId.random(), List.of(), null, null),
                pin -> {
                  held.complete(pin);
                  return saved.asMono();
                })
            .toFuture();
    Pin pin = held.get(LONG.toSeconds(), TimeUnit.SECONDS);
    stamp("pins", FAR);

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.pins()).isEqualTo(1);
    assertThat(report.notes()).singleElement().asString().contains("ahead of the storage");
    assertThat(renewals()).isEqualTo(1);
    Patience.until(
        "its saver renews it upon the collection's change",
        () -> {
          timer.advanceTimeBy(hour.dividedBy(3));
          return renewals() > 1;
        });
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).notes()).isEmpty();
    pin.requireHeld().block(LONG);
    saved.tryEmitEmpty().orThrow();
    save.get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(store.count(StoreNames.PINS)).isZero();
    ids.dispose();
  }

  @Test
  void ofAPinIsBelievedWhenItIsOnlyALittleAhead() {
    die(LEASE);
    stamp("pins", Scan.TOLERATED.dividedBy(2));

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.pins()).isEqualTo(1);
    assertThat(report.notes()).isEmpty();
    assertThat(storage.count("save", StoreNames.PINS)).isEqualTo(1);
  }

  @Test
  void ofAPinIsToldByADryRunWhichChangesNothing() {
    die(LEASE);
    stamp("pins", FAR);
    storage.heal();

    CollectReport report = checkpointer.collect(AT_ONCE.asDryRun()).block(LONG);

    assertThat(report.notes())
        .singleElement()
        .asString()
        .contains("kernel 'fdtd'", "399 d 23 h 59 min");
    assertThat(storage.count("save", "") + storage.count("delete", "")).isZero();
  }

  @Test
  void aLeaseOfYearsCountsAsADay() {
    die(Duration.ofDays(36_500));
    stamp("pins", Duration.ofHours(-23));
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).pins()).isEqualTo(1);

    stamp("pins", Duration.ofHours(-25));
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);

    assertThatThrownBy(() -> Checkpointer.builder(storage).lease(Duration.ofHours(25)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one day");
  }

  @Test
  void ofATombstoneIsToldAndItsGraceIsCountedAnew() {
    ObjectId gone = store.saveAndDelete();
    checkpointer.collect().block(LONG);
    stamp("tombstones", FAR);

    CollectReport report = checkpointer.collect().block(LONG);

    assertThat(report.condemned()).singleElement().matches(one -> one.id().equals(gone));
    assertThat(report.condemned().get(0).condemnedAt()).isBefore(Instant.now().plusSeconds(60));
    assertThat(report.notes())
        .singleElement()
        .asString()
        .startsWith("tombstone '.rkcp/tombstones/")
        .contains("ahead of the storage's time");
    assertThat(store.count(StoreNames.TOMBSTONES)).isEqualTo(2);

    CollectReport again = checkpointer.collect().block(LONG);
    assertThat(again.condemned().get(0).condemnedAt())
        .as("by the tombstone that the collection before has written")
        .isEqualTo(checkpointer.collect().block(LONG).condemned().get(0).condemnedAt());
    assertThat(store.count(StoreNames.TOMBSTONES)).isEqualTo(2);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(store.count(StoreNames.TOMBSTONES)).isZero();
  }

  @Test
  void ofATombstoneThatIsALittleAheadDoesNotOutliveAGraceOfZero() {
    store.saveAndDelete();
    checkpointer.collect().block(LONG);
    stamp("tombstones", Scan.TOLERATED.dividedBy(2));

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.removed()).hasSize(1);
    assertThat(report.notes()).isEmpty();
  }
}
