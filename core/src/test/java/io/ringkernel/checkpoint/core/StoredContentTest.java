package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class StoredContentTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    storage.close().block(LONG);
  }

  private StoredContent open(byte[] bytes) {
    BareFiles.put(storage, "a", bytes);
    return StoredContent.open(storage, "a", StoredContent.TAIL, new ReadSpeed()).block(LONG);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1000, 16384, 65536, 65537, 100_000, 25_000_000})
  void readsEveryStretchAsItIsStored(int size) {
    byte[] bytes = TestStates.random(size, size);
    StoredContent content = open(bytes);
    assertThat(content.size()).isEqualTo(size);
    Random random = new Random(size);
    for (int i = 0; i < 60; i++) {
      int offset = random.nextInt(size + 1);
      int length = random.nextInt(2) == 0 ? random.nextInt(100) : random.nextInt(size + 10);
      ByteBuffer target = ByteBuffer.allocate(length + 3).position(3);
      int expected = Math.min(length, size - offset);

      assertThat(content.read(offset, target).block(LONG)).isEqualTo(expected);

      assertThat(target.position()).isEqualTo(3 + expected);
      assertThat(target.slice(3, expected))
          .isEqualTo(ByteBuffer.wrap(bytes).slice(offset, expected));
    }
  }

  @Test
  void fillsSeveralBuffersInOneRequest() {
    byte[] bytes = TestStates.random(300_000, 5);
    StoredContent content = open(bytes);
    storage.heal();
    List<ByteBuffer> targets = new ArrayList<>();
    for (int size : new int[] {0, 1, 70_000, 0, 100_000, 29_999}) {
      targets.add(ByteBuffer.allocate(size));
    }

    assertThat(content.read(20_000, targets).block(LONG)).isEqualTo(200_000);

    assertThat(storage.count("read", "a")).isEqualTo(1);
    int at = 20_000;
    for (ByteBuffer target : targets) {
      assertThat(target.hasRemaining()).isFalse();
      assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes).slice(at, target.remaining()));
      at += target.remaining();
    }
  }

  @Test
  void splitsALongReadAcrossBuffersThatDoNotMatchThePieces() {
    byte[] bytes = TestStates.random(40_000_000, 6);
    StoredContent content = open(bytes);
    storage.heal();
    List<ByteBuffer> targets = new ArrayList<>();
    for (int size : new int[] {7_000_000, 13_000_001, 10, 19_000_000, 5_000_000}) {
      targets.add(ByteBuffer.allocateDirect(size));
    }

    assertThat(content.read(3, targets).block(LONG)).isEqualTo(40_000_000 - 3);

    assertThat(storage.count("read", "a")).isEqualTo(5);
    int at = 3;
    for (ByteBuffer target : targets) {
      assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(bytes).slice(at, target.remaining()));
      at += target.remaining();
    }
    assertThat(at).isEqualTo(bytes.length);
  }

  @Test
  void givesTheMemoryBackOnlyWhenNoPieceIsUnderWayAnyMore() {
    BareFiles.put(storage, "a", TestStates.random(40_000_000, 10));
    Sinks.Empty<Void> slow = Sinks.empty();
    List<Object> asked = new ArrayList<>();
    StoredContent content =
        StoredContent.open(failingAtTheSecondPiece(asked, slow), "a", 1000, new ReadSpeed())
            .block(LONG);
    AtomicReference<Throwable> told = new AtomicReference<>();

    content.read(0, ByteBuffer.allocateDirect(39_000_000)).subscribe(read -> {}, told::set);

    assertThat(asked).as("none after the failure").containsExactly(0L, 8L << 20);
    assertThat(told).as("the first piece is still being written").hasNullValue();
    slow.tryEmitEmpty();
    assertThat(told.get()).hasMessage("bad sector");
  }

  /** All other pieces wait, and are read then. */
  private CheckpointStorage failingAtTheSecondPiece(List<Object> asked, Sinks.Empty<Void> slow) {
    return (CheckpointStorage)
        Proxy.newProxyInstance(
            CheckpointStorage.class.getClassLoader(),
            new Class<?>[] {CheckpointStorage.class},
            (proxy, method, arguments) -> {
              if (!method.getName().equals("readInto")) {
                return method.invoke(storage, arguments);
              }
              asked.add(arguments[2]);
              return arguments[2].equals(8L << 20)
                  ? Mono.error(new StorageException("bad sector", false, null))
                  : slow.asMono().thenReturn(8L << 20);
            });
  }

  @Test
  void tellsThatTheStorageLeftBytesOutOnceItHasEnded() {
    BareFiles.put(storage, "a", TestStates.random(500_000, 11));
    Stretch whole = new Stretch(100_000, List.of(ByteBuffer.allocate(1000)));
    Stretch half = new Stretch(200_000, List.of(ByteBuffer.allocate(1000)));
    TestPublisher<Stretch> arriving = TestPublisher.create();
    StoredContent content =
        StoredContent.open(giving(arriving.flux()), "a", 1000, new ReadSpeed()).block(LONG);

    StepVerifier.create(content.readAll(List.of(whole, half)))
        .then(() -> half.targets().get(0).position(400))
        .then(() -> arriving.next(half))
        .expectNext(half)
        .then(arriving::assertNotCancelled)
        .then(() -> whole.targets().get(0).position(1000))
        .then(() -> arriving.next(whole))
        .expectNext(whole)
        .then(arriving::complete)
        .expectErrorMessage("'a': the storage gave 1400 bytes instead of 2000")
        .verify(LONG);
  }

  private CheckpointStorage giving(Flux<Stretch> stretches) {
    return (CheckpointStorage)
        Proxy.newProxyInstance(
            CheckpointStorage.class.getClassLoader(),
            new Class<?>[] {CheckpointStorage.class},
            (proxy, method, arguments) ->
                method.getName().equals("readInto")
                    ? stretches
                    : method.invoke(storage, arguments));
  }

  @Test
  void keepsTheEndsOnceTheyAreRead() {
    StoredContent content = open(TestStates.random(500_000, 7));
    storage.heal();

    content.read(499_000, ByteBuffer.allocate(1000)).block(LONG);
    assertThat(storage.calls).isEmpty();
    content.read(0, ByteBuffer.allocate(64)).block(LONG);
    content.read(64, ByteBuffer.allocate(9000)).block(LONG);
    assertThat(storage.calls).hasSize(1);
  }

  @Test
  void failsWhenAnotherVersionIsThere() {
    StoredContent content = open(TestStates.random(500_000, 8));
    BareFiles.put(storage, "a", TestStates.random(500_000, 9));

    assertThatThrownBy(() -> content.read(100_000, ByteBuffer.allocate(10)).block(LONG))
        .isInstanceOf(ChangedMeanwhileException.class);
  }

  @Test
  void refusesAnOffsetOutsideItself() {
    StoredContent content = open(new byte[10]);

    assertThatThrownBy(() -> content.read(11, ByteBuffer.allocate(1)).block(LONG))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> content.read(-1, ByteBuffer.allocate(1)).block(LONG))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(content.read(10, ByteBuffer.allocate(1)).block(LONG)).isZero();
  }
}
