package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;

/** Several checkpointers on one store, as in several processes. */
class RaceTest {
  private static final String KERNEL = "fdtd";

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private CheckpointCodec codec;
  private Checkpointer first;
  private Checkpointer second;

  @BeforeEach
  void open() {
    codec = CheckpointCodec.builder().parallelism(2).build();
    first = Checkpointer.builder(storage).codec(codec).build();
    second = Checkpointer.builder(storage).codec(codec).build();
  }

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    first.close().block(LONG);
    second.close().block(LONG);
    codec.close();
    storage.close().block(LONG);
  }

  @Test
  void givesEveryCommitOfUnfencedWritersItsOwnNumber() {
    int each = 20;
    Set<Long> sequences =
        Flux.merge(
                Flux.range(0, each)
                    .flatMap(n -> first.save("first/" + n, TestStates.of(KERNEL, n, 100))),
                Flux.range(0, each)
                    .flatMap(n -> second.save("second/" + n, TestStates.of(KERNEL, n, 100))))
            .map(SaveReceipt::sequence)
            .collect(Collectors.toSet())
            .block(LONG);

    assertThat(sequences)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 2L * each).boxed().toList());
    assertThat(first.list("").count().block(LONG)).isEqualTo(2L * each);
  }

  @Test
  void letsExactlyOneOfThoseWinWhoWantANameFree() {
    for (int round = 0; round < 50; round++) {
      String name = "round/" + round;
      long step = round;
      List<Signal<SaveReceipt>> outcomes =
          Flux.merge(attempt(first, name, KERNEL, step), attempt(second, name, "other", step))
              .collectList()
              .block(LONG);

      assertThat(outcomes).filteredOn(Signal::isOnNext).hasSize(1);
      assertThat(outcomes)
          .filteredOn(Signal::isOnError)
          .singleElement()
          .extracting(Signal::getThrowable)
          .isInstanceOf(AlreadyExistsException.class);
      SaveReceipt winner =
          outcomes.stream().filter(Signal::isOnNext).findFirst().orElseThrow().get();
      assertThat(TestStates.loaded(first, name))
          .isEqualTo(TestStates.bytes(TestStates.of(winner.kernelId(), step, 100)));
    }
  }

  private static Mono<Signal<SaveReceipt>> attempt(
      Checkpointer checkpointer, String name, String kernelId, long step) {
    return checkpointer
        .save(TestStates.of(kernelId, step, 100), SaveRequest.defaults().named(name).onlyIfAbsent())
        .materialize();
  }

  @Test
  void endsWithOneOfThoseWhoReplaceWhole() {
    for (int round = 0; round < 30; round++) {
      long step = round;
      List<Signal<SaveReceipt>> outcomes =
          Flux.merge(
                  first.save("a", TestStates.of("one", step, 100)).materialize(),
                  second.save("a", TestStates.of("two", step, 100)).materialize())
              .collectList()
              .block(LONG);

      assertThat(outcomes)
          .filteredOn(Signal::isOnError)
          .extracting(Signal::getThrowable)
          .allMatch(
              e -> e instanceof ChangedMeanwhileException || e instanceof AlreadyExistsException);
      assertThat(outcomes).filteredOn(Signal::isOnNext).isNotEmpty();
      assertThat(TestStates.loaded(first, "a"))
          .isIn(
              TestStates.bytes(TestStates.of("one", step, 100)),
              TestStates.bytes(TestStates.of("two", step, 100)));
    }
  }

  @Test
  void refusesTheWriterThatWasTakenOverFrom() {
    StillKernel kernel = new StillKernel(KERNEL, 1);
    first.save(kernel).block(LONG);
    kernel.moveTo(2);
    second.save(kernel).block(LONG);
    int capturesBefore = kernel.captures.get();

    kernel.moveTo(3);
    assertThatThrownBy(() -> first.save(kernel).block(LONG))
        .isInstanceOf(StaleWriterException.class)
        .hasMessageContaining(KERNEL);
    assertThatThrownBy(() -> first.save("x", TestStates.of(KERNEL, 3)).block(LONG))
        .isInstanceOf(StaleWriterException.class);

    assertThat(kernel.captures).hasValue(capturesBefore);
    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(2);
    StillKernel restored = new StillKernel(KERNEL, 0);
    second.restoreLatest(restored).block(LONG);
    assertThat(restored.restoredStep()).isEqualTo(2);
  }

  @Test
  void refusesTheStaleWriterAlsoWhenItIsTakenOverFromInTheMiddleOfItsSave() {
    StillKernel kernel = new StillKernel(KERNEL, 1);
    first.save(kernel).block(LONG);
    storage.before(
        ScriptedStorage.Call::commits, () -> second.save(new StillKernel(KERNEL, 7)).block(LONG));

    assertThatThrownBy(() -> first.save(kernel).block(LONG))
        .isInstanceOf(StaleWriterException.class);

    StillKernel restored = new StillKernel(KERNEL, 0);
    second.restoreLatest(restored).block(LONG);
    assertThat(restored.restoredStep()).isEqualTo(7);
    // The refused save took its object away with it.
    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(2);
    assertThat(kernel.open).hasValue(0);
  }

  @Test
  void letsAWriterTakeOverAgainOnceItHasRestored() {
    StillKernel kernel = new StillKernel(KERNEL, 1);
    first.save(kernel).block(LONG);
    second.save(kernel).block(LONG);

    first.restoreLatest(kernel).block(LONG);
    assertThat(first.save(kernel).block(LONG).sequence()).isEqualTo(3);
    assertThatThrownBy(() -> second.save(kernel).block(LONG))
        .isInstanceOf(StaleWriterException.class);
  }

  @Test
  void claimsAKernelOnceForAllSavesOfOneCheckpointer() {
    List<SaveReceipt> receipts =
        Flux.fromStream(IntStream.range(0, 8).boxed())
            .flatMap(n -> first.save(new StillKernel(KERNEL, n)))
            .collectList()
            .block(LONG);

    assertThat(receipts).hasSize(8);
    Head head = Head.decode(BareFiles.stored(storage, StoreNames.head(KERNEL)));
    assertThat(head.epoch()).isEqualTo(1);
    assertThat(head.sequence()).isEqualTo(8);
  }

  @Test
  void claimsWhoseAnswerWasLostAreOurs() {
    storage.failAt(1, 1, ScriptedStorage.Fault.LOSE_ANSWER, true);

    first.save(new StillKernel(KERNEL, 1)).block(LONG);

    Head head = Head.decode(BareFiles.stored(storage, StoreNames.head(KERNEL)));
    assertThat(head.epoch()).isEqualTo(1);
  }
}
