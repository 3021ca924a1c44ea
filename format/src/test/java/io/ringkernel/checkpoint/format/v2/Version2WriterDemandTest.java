package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.bytes;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** When bytes are given, and that whatever ends an attempt lets go of everything. */
class Version2WriterDemandTest {
  private static final int BLOCK = 4096;

  private final WriterFixture fixture = new WriterFixture(2);

  @AfterEach
  void nothingIsHeld() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private static final EncodeOptions COMPRESSED =
      EncodeOptions.builder()
          .blockSize(BLOCK)
          .objectId(ObjectId.of(new byte[16]))
          .compression(Compression.of(DeflateCodec.NAME))
          .build();

  /** Host memory and a device's, that compresses and that does not, several batches of each. */
  private static Checkpoint mixture() {
    byte[] runs = Bytes.runs(1 << 20, 1);
    byte[] random = Bytes.random(BLOCK * 3, 2);
    byte[] state = Bytes.join(runs, random, new byte[BLOCK], runs, random, runs);
    return checkpoint(
        DataChunk.region("device", new CountingContent(state)), region("host", state));
  }

  @Test
  void doesNothingBeforeItIsSubscribedToAndAsked() {
    CountingContent content = new CountingContent(Bytes.random(BLOCK, 1));
    var encoded = fixture.encode(checkpoint(DataChunk.region("a", content)), COMPRESSED);
    StepVerifier.create(encoded, 0)
        .expectSubscription()
        .then(() -> assertThat(content.requests).hasValue(0))
        .thenCancel()
        .verify(WriterFixture.PATIENCE);
    assertThat(fixture.codec.made).hasValue(0);
  }

  @Test
  void givesAsMuchAsIsAskedForAndNoMore() {
    byte[] expected = bytes(fixture.encode(mixture(), COMPRESSED));
    Stepper stepper = new Stepper();
    fixture.encode(mixture(), COMPRESSED).subscribe(stepper);
    for (int asked = 1; !stepper.ended; asked++) {
      int most = asked;
      stepper.request(1);
      Patience.until("a piece comes", () -> stepper.ended || stepper.given.size() == most);
    }
    assertThat(stepper.given).hasSize(countPieces());
    assertThat(Arrays.equals(Bytes.join(stepper.given.toArray(byte[][]::new)), expected)).isTrue();
  }

  /** Asks for nothing by itself. */
  private static final class Stepper extends BaseSubscriber<OwnedBuffer> {
    final List<byte[]> given = new CopyOnWriteArrayList<>();
    volatile boolean ended;

    @Override
    protected void hookOnSubscribe(Subscription subscription) {}

    @Override
    protected void hookOnNext(OwnedBuffer piece) {
      given.add(taken(piece));
    }

    @Override
    protected void hookFinally(SignalType type) {
      ended = true;
    }
  }

  private int countPieces() {
    return fixture
        .encode(mixture(), COMPRESSED)
        .doOnNext(OwnedBuffer::close)
        .count()
        .block(WriterFixture.PATIENCE)
        .intValue();
  }

  private static byte[] taken(OwnedBuffer piece) {
    byte[] bytes = new byte[piece.buffer().remaining()];
    piece.buffer().get(bytes);
    piece.close();
    return bytes;
  }

  @Test
  void aConsumerThatWaitsBoundsTheMemory() {
    EncodeOptions options = EncodeOptions.defaults();
    CountingContent content = new CountingContent(Bytes.random(64 << 20, 1));
    Checkpoint state = checkpoint(DataChunk.region("a", content));
    int window = EncodeSettings.of(state, options, fixture.workbench).window();
    Stepper stepper = new Stepper();
    fixture.encode(state, options).subscribe(stepper);
    // Header and metadata are no batches; each batch is one piece here.
    for (int asked = 1; asked <= 40; asked++) {
      int most = asked;
      stepper.request(1);
      Patience.until(
          "a piece comes, and the window is full",
          () -> stepper.given.size() == most && fixture.buffers.open() >= window);
      assertThat(fixture.buffers.open()).isLessThanOrEqualTo(window + 1);
    }
    stepper.cancel();
    assertThat(window).isEqualTo(6);
  }

  @Test
  void letsGoOfEverythingWhereverItIsCancelled() {
    int count = countPieces();
    for (int given = 0; given <= count; given++) {
      for (boolean eager : new boolean[] {true, false}) {
        fixture.encode(mixture(), COMPRESSED).subscribe(new Canceller(given, eager));
      }
    }
    fixture.assertNothingIsHeld();
  }

  /** Takes some pieces, then cancels. */
  private static final class Canceller extends BaseSubscriber<OwnedBuffer> {
    private final boolean eager;
    private int left;

    Canceller(int given, boolean eager) {
      this.left = given;
      this.eager = eager;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      if (left == 0) {
        cancel();
      } else {
        request(eager ? Long.MAX_VALUE : 1);
      }
    }

    @Override
    protected void hookOnNext(OwnedBuffer piece) {
      piece.close();
      if (--left == 0) {
        cancel();
      } else if (!eager) {
        request(1);
      }
    }
  }

  @Test
  void letsGoOfEverythingWhenItIsCancelledFromAside() throws InterruptedException {
    for (int i = 0; i < 200; i++) {
      Queue<OwnedBuffer> taken = new ConcurrentLinkedQueue<>();
      var subscription = fixture.encode(mixture(), COMPRESSED).subscribe(taken::add);
      Thread.sleep(0, ThreadLocalRandom.current().nextInt(999_999));
      subscription.dispose();
      Patience.until(
          "what was not given is given back",
          () -> {
            taken.removeIf(
                piece -> {
                  piece.close();
                  return true;
                });
            return fixture.buffers.open() == 0 && fixture.codec.open.get() == 0;
          });
    }
  }

  @Test
  void keepsMemoryThatIsStillReadInto() {
    Sinks.One<Integer> end = Sinks.one();
    AtomicInteger reading = new AtomicInteger();
    ChunkContent content =
        new ScriptedContent(
            BLOCK,
            (offset, target) -> {
              reading.incrementAndGet();
              return end.asMono();
            });
    var subscription =
        fixture.encode(checkpoint(DataChunk.region("a", content)), COMPRESSED).subscribe();
    Patience.until("the read has begun", () -> reading.get() == 1);
    subscription.dispose();
    assertThat(fixture.buffers.open()).isEqualTo(1);
    end.tryEmitValue(BLOCK);
    fixture.assertNothingIsHeld();
  }

  @Test
  void anErrorLetsGoOfEverything() {
    Checkpoint failing =
        checkpoint(
            region("host", Bytes.runs(3 << 20, 1)),
            DataChunk.region("device", new CountingContent(Bytes.runs(3 << 20, 1))),
            region("broken", new byte[1])
                .withFingerprints(Mono.error(new IllegalStateException())));
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> bytes(fixture.encode(failing, COMPRESSED)))
          .isInstanceOf(IllegalStateException.class);
      fixture.assertNothingIsHeld();
    }
  }

  @Test
  void anErrorOfWhoIsToldEndsTheBytesWithIt() {
    IllegalStateException unhappy = new IllegalStateException();
    assertThatThrownBy(
            () ->
                bytes(
                    Version2Writer.encode(
                        mixture(),
                        COMPRESSED,
                        fixture.workbench,
                        file -> {
                          throw unhappy;
                        })))
        .isSameAs(unhappy);
  }

  @Test
  void failsWhenTheCodecIsClosedMeanwhile() {
    Checkpoint state = checkpoint(region("host", Bytes.runs(20 << 20, 1)));
    StepVerifier.create(fixture.encode(state, COMPRESSED), 0)
        .thenRequest(1)
        .consumeNextWith(OwnedBuffer::close)
        .then(fixture::close)
        .thenRequest(Long.MAX_VALUE)
        .thenConsumeWhile(piece -> true, OwnedBuffer::close)
        .expectError(IllegalStateException.class)
        .verify(WriterFixture.PATIENCE);
  }

  @Test
  void refusesBeforeTheFirstByteWhatItCanNotWrite() {
    EncodeOptions unknown = EncodeOptions.builder().compression(Compression.of("brotli")).build();
    StepVerifier.create(fixture.encode(mixture(), unknown))
        .expectError(CodecUnavailableException.class)
        .verify(WriterFixture.PATIENCE);
    EncodeOptions level =
        EncodeOptions.builder().compression(new Compression(DeflateCodec.NAME, 99)).build();
    StepVerifier.create(fixture.encode(mixture(), level))
        .expectErrorSatisfies(
            error ->
                assertThat(error)
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("the levels 1 to 9, not 99"))
        .verify(WriterFixture.PATIENCE);
    ChunkContent huge = ScriptedContent.failing((1L << 32) * BLOCK + 1, new AssertionError("read"));
    StepVerifier.create(fixture.encode(checkpoint(DataChunk.region("a", huge)), COMPRESSED))
        .expectError(LimitExceededException.class)
        .verify(WriterFixture.PATIENCE);
  }
}
