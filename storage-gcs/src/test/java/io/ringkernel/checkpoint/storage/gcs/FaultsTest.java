package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/**
 * Every fault at every request of every operation: one is overcome, and one that does not end is
 * told, leaves nothing half-done, and is forgotten when the caller tries again.
 */
class FaultsTest {
  private static final int PART = StoreUnderTest.PART;
  private static final byte[] SMALL = DeterministicBytes.array(1, 1000);
  private static final byte[] LARGE = DeterministicBytes.array(2, 3 * PART + 777);
  private static final byte[] OLD = DeterministicBytes.array(3, 500);
  private static final Map<String, String> ATTRIBUTES = Map.of("step", "7");

  private static GcsServer server;
  private final Tokens tokens = new Tokens();
  private GcsStorage storage;
  private StoreUnderTest sound;

  /** What is done, what is there before, and what must be the case afterwards. */
  private record Operation(Runnable before, Mono<?> call, Runnable after, Runnable ifFailed) {}

  @BeforeAll
  static void startServer() throws IOException {
    server = new GcsServer();
    server.api().pageSize(2);
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void open() {
    storage = StoreUnderTest.open(server.url(), tokens, 250);
    sound = new StoreUnderTest(server);
  }

  @AfterEach
  void close() {
    server.breakBy(request -> null);
    storage.close().block(io.ringkernel.checkpoint.tck.Patience.LIMIT);
    assertThat(storage.openHandles()).isZero();
    sound.close();
  }

  @ParameterizedTest
  @EnumSource
  void savesASmallObject(Fault fault) {
    survives(fault, saving(SMALL, SaveOptions.onlyIfAbsent(), () -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void replacesBySmallObject(Fault fault) {
    survives(fault, saving(SMALL, SaveOptions.replace(), this::saveOld));
  }

  @ParameterizedTest
  @EnumSource
  void savesAnObjectOfSeveralParts(Fault fault) {
    survives(fault, saving(LARGE, SaveOptions.onlyIfAbsent(), () -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void replacesByAnObjectOfSeveralParts(Fault fault) {
    survives(fault, saving(LARGE, SaveOptions.replace(), this::saveOld));
  }

  private void saveOld() {
    sound.save("a", OLD, SaveOptions.replace());
  }

  private Operation saving(byte[] bytes, SaveOptions options, Runnable before) {
    Mono<StoredObject> call =
        storage
            .save("a", StoreUnderTest.pieces(bytes), options.withAttributes(ATTRIBUTES))
            .doOnNext(saved -> assertThat(saved).isEqualTo(sound.stat("a")));
    return new Operation(
        before,
        call,
        () -> {
          assertThat(sound.read("a", Range.all())).isEqualTo(bytes);
          assertThat(sound.stat("a").attributes()).isEqualTo(ATTRIBUTES);
        },
        () -> {
          // What nobody said was done may have been: whole, or not at all.
          for (String name : sound.names("")) {
            assertThat(sound.read(name, Range.all())).isIn(bytes, OLD);
          }
          if (options.isOnlyIfAbsent()) {
            server.bucket().clear();
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void readsAWholeObject(Fault fault) {
    reads(fault, Range.all(), LARGE);
  }

  @ParameterizedTest
  @EnumSource
  void readsARange(Fault fault) {
    reads(fault, Range.of(100_000, 600_000), Arrays.copyOfRange(LARGE, 100_000, 700_000));
  }

  private void reads(Fault fault, Range range, byte[] expected) {
    Mono<byte[]> call = storage.read("a", range, null).flatMap(StoreUnderTest::bytesOf);
    survives(
        fault,
        new Operation(
            () -> sound.save("a", LARGE, SaveOptions.replace()),
            call.doOnNext(bytes -> assertThat(bytes).isEqualTo(expected)),
            () -> {},
            () -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void readsAVersionIntoMemory(Fault fault) {
    survives(
        fault,
        new Operation(
            () -> sound.save("a", LARGE, SaveOptions.replace()),
            Mono.defer(
                () -> {
                  ByteBuffer target = ByteBuffer.allocate(300_000);
                  return storage
                      .readInto("a", sound.stat("a").version(), 1000, List.of(target))
                      .doOnNext(read -> assertThat(read).isEqualTo(300_000))
                      .doOnNext(
                          read ->
                              assertThat(target.flip())
                                  .isEqualTo(ByteBuffer.wrap(LARGE, 1000, 300_000)));
                }),
            () -> {},
            () -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void listsSeveralPages(Fault fault) {
    List<String> names = List.of("a", "b", "c", "d", "e");
    survives(
        fault,
        new Operation(
            () -> names.forEach(name -> sound.save(name, SMALL, SaveOptions.replace())),
            storage
                .list("")
                .map(StoredObject::name)
                .collectList()
                .doOnNext(listed -> assertThat(listed).isEqualTo(names)),
            () -> {},
            () -> {}));
  }

  @ParameterizedTest
  @EnumSource
  void deletes(Fault fault) {
    survives(
        fault,
        new Operation(
            this::saveOld,
            storage.delete("a").doOnNext(removed -> assertThat(removed).isTrue()),
            () -> assertThat(sound.names("")).isEmpty(),
            this::saveOld));
  }

  @ParameterizedTest
  @EnumSource
  void deletesAVersion(Fault fault) {
    survives(
        fault,
        new Operation(
            this::saveOld,
            Mono.defer(() -> storage.delete("a", sound.stat("a").version()))
                .doOnNext(removed -> assertThat(removed).isTrue()),
            () -> assertThat(sound.names("")).isEmpty(),
            this::saveOld));
  }

  @ParameterizedTest
  @EnumSource
  void tellsWhatIsThere(Fault fault) {
    survives(
        fault,
        new Operation(
            this::saveOld,
            storage.stat("a").doOnNext(found -> assertThat(found).isEqualTo(sound.stat("a"))),
            () -> {},
            () -> {}));
  }

  private void survives(Fault fault, Operation operation) {
    int requests = countRequests(operation);
    for (int at = 0; at < requests; at++) {
      overcomes(fault, at, operation);
      tells(fault, at, operation);
    }
  }

  private int countRequests(Operation operation) {
    prepare(operation);
    operation.call().block();
    operation.after().run();
    return server.requests().size();
  }

  private void prepare(Operation operation) {
    server.breakBy(request -> null);
    server.bucket().clear();
    operation.before().run();
    server.requests();
  }

  /** One fault, at one request. */
  private void overcomes(Fault fault, int at, Operation operation) {
    prepare(operation);
    server.breakBy(ours(fault, at, at + 1));
    assertThat(failureOf(operation)).as("%s once, at request %d", fault, at).isNull();
    server.breakBy(request -> null);
    operation.after().run();
  }

  /** A fault at every request from one on. */
  private void tells(Fault fault, int at, Operation operation) {
    if (fault == Fault.SILENCE || fault == Fault.SLOW_RESPONSE) {
      // To wait for silence six times takes long, and slow is no failure.
      return;
    }
    prepare(operation);
    server.breakBy(ours(fault, at, Integer.MAX_VALUE));
    Throwable failure = failureOf(operation);
    server.breakBy(request -> null);
    if (failure != null) {
      assertThat(failure)
          .as("%s from request %d on", fault, at)
          .isInstanceOf(StorageException.class);
      operation.ifFailed().run();
      assertThat(failureOf(operation)).as("the caller tries again").isNull();
    }
    operation.after().run();
  }

  /** Faults of some of the requests of the storage under test; the sound one has no token. */
  private static Function<String, @Nullable Fault> ours(Fault fault, int from, int to) {
    AtomicInteger count = new AtomicInteger();
    return request -> {
      int number = request.endsWith(" token") ? count.getAndIncrement() : -1;
      return number >= from && number < to ? fault : null;
    };
  }

  private static @Nullable Throwable failureOf(Operation operation) {
    return catchThrowable(
        () -> operation.call().block(io.ringkernel.checkpoint.tck.Patience.LIMIT));
  }
}
