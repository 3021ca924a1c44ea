package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** What nobody waits for any more ends at once, although its thread is blocked. */
@Timeout(60)
class CancelTest {
  /** Longer than any test waits: only a cancel can end what waits for it. */
  private static final int LONG_MILLIS = 300_000;

  private static final byte[] LARGE = DeterministicBytes.array(1, 3 * StoreUnderTest.PART + 7);

  private GcsServer server;
  private GcsStorage storage;

  @BeforeEach
  void open() throws IOException {
    server = new GcsServer();
    storage = StoreUnderTest.open(server.url(), null, LONG_MILLIS, Duration.ofMillis(LONG_MILLIS));
    storage.save("a", StoreUnderTest.pieces(LARGE), SaveOptions.replace()).block(Patience.LIMIT);
    server.requests();
  }

  @AfterEach
  void close() throws IOException {
    storage.close().block(Patience.LIMIT);
    assertThat(storage.openHandles()).isZero();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET object", "GET media"})
  void endsAReadThatASilentServerHolds(String request) {
    Disposable reading = holding(request, Fault.SILENCE, () -> reading("a"));
    reading.dispose();
    Patience.until("its connection is closed", () -> storage.openHandles() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST resumable", "PUT part"})
  void endsASaveThatASilentServerHolds(String request) {
    Disposable saving = holding(request, Fault.SILENCE, this::saving);
    saving.dispose();
    Patience.until("its connection is closed", () -> storage.openHandles() == 0);
    assertThat(server.bucket().names()).containsExactly("some/prefix/a");
  }

  @Test
  void endsAListingThatWaitsForItsNextTry() {
    Disposable listing = holding("GET list", Fault.UNAVAILABLE, () -> storage.list("").subscribe());
    listing.dispose();
    storage.close().block(Patience.LIMIT);
    assertThat(server.requests()).containsOnlyOnce("GET list");
  }

  @Test
  void endsACommitThatWaitsForItsNextTryAndTellsThatItWasClosed() {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Disposable saving =
        holding(
            "POST multipart",
            Fault.UNAVAILABLE,
            () ->
                storage
                    .save("b", StoreUnderTest.pieces(new byte[10]), SaveOptions.onlyIfAbsent())
                    .subscribe(saved -> {}, failure::set));
    storage.close().block(Patience.LIMIT);
    Patience.until("the save ends", () -> failure.get() != null);
    assertThat(saving.isDisposed()).isTrue();
    assertThat(failure.get()).isInstanceOf(ClosedException.class).hasMessageContaining("closed");
    assertThat(server.bucket().names()).containsExactly("some/prefix/a");
  }

  @Test
  void publishesNothingOfASaveThatIsCancelledBetweenTwoParts() {
    Flux<OwnedBuffer> stalling = Flux.concat(StoreUnderTest.pieces(LARGE), Flux.never());
    CompletableFuture<?> saving = storage.save("b", stalling, SaveOptions.replace()).toFuture();
    Patience.until("a part is sent", () -> server.requests().contains("PUT part"));
    saving.cancel(true);
    storage.close().block(Patience.LIMIT);
    assertThat(server.bucket().names()).containsExactly("some/prefix/a");
    assertThat(server.api().unfinishedUploads()).isEqualTo(1);
  }

  @Test
  void publishesNothingOfASaveWhoseSourceFails() {
    Flux<OwnedBuffer> failing =
        Flux.concat(
            StoreUnderTest.pieces(LARGE), Flux.error(new IllegalStateException("the source")));
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> storage.save("b", failing, SaveOptions.replace()).block(Patience.LIMIT)))
        .hasMessage("the source");
    assertThat(server.bucket().names()).containsExactly("some/prefix/a");
  }

  @Test
  void isNotDisturbedByInterruptsOfCallbacksAndSources() {
    byte[] read =
        storage
            .read("a", Range.all(), null)
            .doOnNext(opened -> Thread.currentThread().interrupt())
            .flatMapMany(opened -> opened.bytes())
            .map(CancelTest::takeAndInterrupt)
            .reduce(new byte[0], CancelTest::joined)
            .block(Patience.LIMIT);
    assertThat(read).isEqualTo(LARGE);
    Flux<OwnedBuffer> interrupting =
        StoreUnderTest.pieces(LARGE).doOnNext(next -> Thread.currentThread().interrupt());
    storage.save("b", interrupting, SaveOptions.onlyIfAbsent()).block(Patience.LIMIT);
    assertThat(storage.stat("b").block(Patience.LIMIT).size()).isEqualTo(LARGE.length);
  }

  private static byte[] takeAndInterrupt(OwnedBuffer owned) {
    Thread.currentThread().interrupt();
    try (owned) {
      byte[] bytes = new byte[owned.buffer().remaining()];
      owned.buffer().get(bytes);
      return bytes;
    }
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private Disposable reading(String name) {
    return storage
        .read(name, Range.all(), null)
        .flatMapMany(opened -> opened.bytes())
        .subscribe(OwnedBuffer::close);
  }

  private Disposable saving() {
    return storage.save("b", StoreUnderTest.pieces(LARGE), SaveOptions.onlyIfAbsent()).subscribe();
  }

  /** Begins something and waits until the server has, and keeps, the request. */
  private Disposable holding(
      String request, Fault fault, java.util.function.Supplier<Disposable> begin) {
    server.breakBy(asked -> asked.equals(request) ? fault : null);
    Disposable begun = begin.get();
    AtomicReference<Boolean> seen = new AtomicReference<>(false);
    Patience.until(
        "the server is asked: " + request,
        () -> seen.updateAndGet(before -> before || server.hasSeen(request)));
    return begun;
  }
}
