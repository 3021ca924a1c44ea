package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;

/** Reads of a known version into memory of the caller's: one stretch, or many that lie anywhere. */
abstract class ReadIntoTopic extends StorageTopic {
  private static final byte[] BYTES = bytes(1, SEVERAL_BUFFERS);

  ReadIntoTopic(StorageContract backend) {
    super(backend);
  }

  @ParameterizedTest
  @CsvSource({"0, 10", "1, 70000", "1048575, 2", "3000000, 145805", "3145800, 100", "3145805, 7"})
  void readsIntoBuffersOfTheCallers(long offset, int length) {
    String version = save("a", BYTES).version();
    for (boolean direct : new boolean[] {true, false}) {
      ByteBuffer memory = direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
      int third = length / 3;
      List<ByteBuffer> targets =
          List.of(
              memory.slice(0, third),
              ByteBuffer.allocate(0),
              memory.duplicate().position(third).limit(2 * third),
              memory.slice(2 * third, length - 2 * third));
      int wanted = (int) Math.min(length, BYTES.length - offset);
      assertThat(storage().readInto("a", version, offset, targets).block(Patience.LIMIT))
          .isEqualTo(wanted);
      assertThat(memory.slice(0, wanted)).isEqualTo(ByteBuffer.wrap(BYTES, (int) offset, wanted));
      assertThat(memory.slice(wanted, length - wanted))
          .isEqualTo(ByteBuffer.allocate(length - wanted));
      assertThat(targets.stream().mapToInt(ByteBuffer::remaining).sum()).isEqualTo(length - wanted);
    }
  }

  @Test
  void readsNothingOfAnotherVersionIntoTheCallersMemory() {
    StoredObject old = save("a", BYTES);
    save("a", bytes(2, SEVERAL_BUFFERS));
    ByteBuffer target = ByteBuffer.allocateDirect(100);
    assertThat(failureOf(storage().readInto("a", old.version(), 0, List.of(target))))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("'a'");
    assertThat(target).isEqualTo(ByteBuffer.allocate(100));
    await(storage().delete("a"));
    assertThat(failureOf(storage().readInto("a", old.version(), 0, List.of(target))))
        .isInstanceOf(CheckpointNotFoundException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsManyStretchesNearAndFar(boolean direct) {
    String version = save("a", BYTES).version();
    // Back to back, a little apart, far apart, backwards, overlapping in the object, and empty.
    long[] offsets = {0, 100, 5_000, 70_000, 2_000_000, 1_000_000, 1_000_050, 3_145_705, 7};
    int[] lengths = {100, 300, 10_000, 65_536, 300_000, 200, 200, 100, 0};
    List<ByteBuffer> memory =
        IntStream.of(lengths)
            .mapToObj(
                length -> direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length))
            .toList();
    List<Stretch> stretches = new ArrayList<>();
    for (int i = 0; i < offsets.length; i++) {
      stretches.add(new Stretch(offsets[i], inTwo(memory.get(i))));
    }
    readEachOnce(
        version,
        stretches,
        i -> {
          assertThat(stretches.get(i).length()).isZero();
          assertThat(memory.get(i))
              .as("at %d", offsets[i])
              .isEqualTo(ByteBuffer.wrap(BYTES, (int) offsets[i], lengths[i]));
        });
  }

  /** Looks at each when it is given. */
  private void readEachOnce(String version, List<Stretch> stretches, IntConsumer look) {
    IdentityHashMap<Stretch, Integer> missing = new IdentityHashMap<>();
    IntStream.range(0, stretches.size()).forEach(i -> missing.put(stretches.get(i), i));
    storage()
        .readInto("a", version, stretches)
        .doOnNext(
            stretch -> {
              int given = missing.getOrDefault(stretch, -1);
              assertThat(missing.keySet().remove(stretch)).as("asked for, given once").isTrue();
              look.accept(given);
            })
        .blockLast(Patience.LIMIT);
    assertThat(missing.values()).isEmpty();
  }

  private static List<ByteBuffer> inTwo(ByteBuffer memory) {
    int half = memory.capacity() / 2;
    return List.of(memory.slice(0, half), memory.slice(half, memory.capacity() - half));
  }

  @Test
  void readsHundredsOfStretchesBackwards() {
    String version = save("a", BYTES).version();
    ByteBuffer memory = ByteBuffer.allocateDirect(300 * 1_000);
    List<Stretch> stretches =
        IntStream.range(0, 300)
            .mapToObj(
                i -> new Stretch((299 - i) * 10_000L, List.of(memory.slice(i * 1_000, 1_000))))
            .toList();
    readEachOnce(
        version,
        stretches,
        i ->
            assertThat(memory.slice(i * 1_000, 1_000))
                .isEqualTo(ByteBuffer.wrap(BYTES, (299 - i) * 10_000, 1_000)));
  }

  @Test
  void givesNoMoreStretchesThanAreDemanded() {
    String version = save("a", BYTES).version();
    List<Stretch> stretches =
        IntStream.range(0, 30)
            .mapToObj(i -> new Stretch(i * 100_000L, List.of(ByteBuffer.allocate(1_000))))
            .toList();
    StepVerifier.create(storage().readInto("a", version, stretches), 0)
        .expectSubscription()
        .thenRequest(2)
        .expectNextCount(2)
        .thenRequest(28)
        .expectNextCount(28)
        .expectComplete()
        .verify(Patience.LIMIT);
  }

  @Test
  void leavesOutWhatLiesPastTheEndInEachStretch() {
    String version = save("a", BYTES).version();
    ByteBuffer last = ByteBuffer.allocateDirect(100);
    ByteBuffer first = ByteBuffer.allocateDirect(100);
    ByteBuffer beyond = ByteBuffer.allocateDirect(100);
    List<Stretch> stretches =
        List.of(
            new Stretch(0, List.of(first)),
            new Stretch(BYTES.length - 30, List.of(last)),
            new Stretch(BYTES.length + 1_000L, List.of(beyond)));
    long[] left = {0, 70, 100};
    readEachOnce(version, stretches, i -> assertThat(stretches.get(i).length()).isEqualTo(left[i]));
    assertThat(first.flip()).isEqualTo(ByteBuffer.wrap(BYTES, 0, 100));
    assertThat(last.flip()).isEqualTo(ByteBuffer.wrap(BYTES, BYTES.length - 30, 30));
    assertThat(beyond).isEqualTo(ByteBuffer.allocate(100));
  }

  @Test
  void readsNoStretchOfAnotherVersion() {
    StoredObject old = save("a", BYTES);
    save("a", bytes(2, SEVERAL_BUFFERS));
    ByteBuffer memory = ByteBuffer.allocateDirect(2_000);
    List<Stretch> stretches =
        List.of(
            new Stretch(0, List.of(memory.slice(0, 1_000))),
            new Stretch(2_000_000, List.of(memory.slice(1_000, 1_000))));
    assertThat(failureOf(storage().readInto("a", old.version(), stretches).then()))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("'a'");
    await(storage().delete("a"));
    assertThat(failureOf(storage().readInto("a", old.version(), stretches).then()))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(memory).isEqualTo(ByteBuffer.allocate(2_000));
  }

  @Test
  void readsNothingBeforeItIsSubscribedTo() {
    String version = save("a", BYTES).version();
    ByteBuffer memory = ByteBuffer.allocateDirect(1_000);
    Flux<Stretch> reading =
        storage().readInto("a", version, List.of(new Stretch(500, List.of(memory.duplicate()))));
    assertThat(memory).isEqualTo(ByteBuffer.allocate(1_000));
    reading.blockLast(Patience.LIMIT);
    assertThat(memory).isEqualTo(ByteBuffer.wrap(BYTES, 500, 1_000));
  }

  @Test
  void canBeCancelledAtAnyTime() {
    String version = save("a", BYTES).version();
    Flux.range(0, 20)
        .doOnNext(
            i -> {
              // Memory of its own: a transfer may still be under way.
              ByteBuffer memory = ByteBuffer.allocateDirect(2 << 20);
              Disposable reading =
                  storage()
                      .readInto(
                          "a",
                          version,
                          List.of(
                              new Stretch(0, List.of(memory.slice(0, 1 << 20))),
                              new Stretch(2 << 20, List.of(memory.slice(1 << 20, 1 << 20)))))
                      .subscribe();
              java.util.concurrent.locks.LockSupport.parkNanos(i * 50_000L);
              reading.dispose();
            })
        .blockLast(Patience.LIMIT);
    assertThat(read("a")).isEqualTo(BYTES);
  }
}
