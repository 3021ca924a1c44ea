package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Pins of savers that died, many at a time. */
class DeadPinsTest {

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final SmallObjects small = new SmallObjects(storage);

  /** What a save leaves that wrote its object and died. */
  private Mono<?> die(String kernelId, @Nullable String entryName) {
    ObjectId id = ObjectId.random();
    PinRecord pin = new PinRecord(kernelId, entryName, Duration.ofMillis(1), 0, false, List.of(id));
    return small
        .write(StoreNames.pin(id), pin.encode(), null)
        .then(small.write(StoreNames.object(id), new byte[1], null));
  }

  @Test
  void thousandsOfOneKernelAreGoneAfterOneCollection() {
    Flux.range(0, 3000).concatMap(i -> die("fdtd", null)).blockLast(LONG);
    Mono.delay(Duration.ofMillis(20)).block();
    storage.heal();

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.pins()).isZero();
    assertThat(report.removed().size()).isEqualTo(3000);
    assertThat(report.notes())
        .singleElement()
        .isEqualTo("the leases of 3000 saves of kernel 'fdtd' are over");
    assertThat(store.count(StoreNames.PINS)).isZero();
    assertThat(store.count(StoreNames.OBJECTS)).isZero();
    assertThat(storage.count("save", StoreNames.HEADS)).as("changes of the head").isLessThan(10);
  }

  @Test
  void areEndedEachWithTheHeadAndTheEntryOfItsWriter() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    die("fdtd", null).block(LONG);
    die("other", "a").block(LONG);
    die("other", "a").block(LONG);
    Mono.delay(Duration.ofMillis(20)).block();
    storage.heal();

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.notes())
        .containsExactly(
            "the lease of a save of kernel 'fdtd' is over",
            "the leases of 2 saves of kernel 'other' are over");
    assertThat(storage.count("save", StoreNames.head("fdtd"))).isEqualTo(1);
    // There is none that a commit could be conditional on.
    assertThat(storage.count("save", StoreNames.head("other"))).isZero();
    assertThat(storage.count("save", "a")).isEqualTo(1);
    assertThat(store.count(StoreNames.PINS)).isZero();
    assertThat(checkpointer.verify("a", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void areLeftToTheNextCollectionWhenTheHeadOfTheirKernelKeepsChanging() {
    areLeftToTheNextCollectionWhile("fdtd", null, Call::commits);
  }

  @Test
  void areLeftToTheNextCollectionWhenTheEntryOfTheirWriterKeepsChanging() {
    areLeftToTheNextCollectionWhile("other", "a", Call::savesEntry);
  }

  /** Their writers may have looked at them before they were broken, and could still commit. */
  private void areLeftToTheNextCollectionWhile(
      String kernelId, @Nullable String entryName, Predicate<Call> refused) {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    die(kernelId, entryName).block(LONG);
    Mono.delay(Duration.ofMillis(20)).block();
    storage.failWhen(refused, Fault.REFUSE);

    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).isEmpty();

    assertThat(store.count(StoreNames.PINS)).isEqualTo(1);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(2);
    storage.heal();
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(store.count(StoreNames.PINS)).isZero();
  }

  @Test
  void areKeptWhenTheHeadOfTheirKernelCanNotBeRead() {
    die("fdtd", null).block(LONG);
    storage.put(StoreNames.head("fdtd"), "rkcp-head 1\nnonsense\n");
    Mono.delay(Duration.ofMillis(20)).block();

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("'.rkcp/heads/fdtd'");

    assertThat(store.count(StoreNames.PINS)).isEqualTo(1);
    assertThat(store.count(StoreNames.OBJECTS)).isEqualTo(1);
  }
}
