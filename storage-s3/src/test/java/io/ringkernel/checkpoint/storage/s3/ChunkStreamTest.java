package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

class ChunkStreamTest {
  private static final int CHUNKS = 1_000;

  private final ChunkStream stream = new ChunkStream("a", 0, () -> {});
  private final CompletableFuture<Long> opened = stream.prepare();

  private void answer(Flux<ByteBuffer> body) {
    stream.onResponse(GetObjectResponse.builder().contentLength((long) CHUNKS).build());
    stream.onStream(SdkPublisher.adapt(body));
  }

  @Test
  void asksForNoMoreThanAFewChunksAhead() {
    AtomicLong asked = new AtomicLong();
    answer(Flux.range(0, CHUNKS).map(i -> ByteBuffer.allocate(1)).doOnRequest(asked::addAndGet));
    for (int taken = 0; taken < CHUNKS; ) {
      taken += stream.poll() == null ? 0 : 1;
      assertThat(asked.get() - taken).isLessThanOrEqualTo(32);
    }
    assertThat(stream.isEnded()).isTrue();
  }

  @Test
  void givesUpABodyThatComesWhenNobodyWantsItAnyMore() {
    AtomicBoolean cancelled = new AtomicBoolean();
    stream.cancel();
    answer(Flux.<ByteBuffer>never().doOnCancel(() -> cancelled.set(true)));
    assertThat(cancelled).isTrue();
  }

  @Test
  void endsWithAFailureThatTheBodyDoesNotTell() {
    IOException failure = new IOException("reset");
    answer(Flux.never());
    stream.exceptionOccurred(failure);
    assertThat(opened).isCompleted();
    assertThat(stream.isEnded()).isTrue();
    assertThat(stream.failure()).isSameAs(failure);
  }

  @Test
  void leavesAFailureBeforeTheBodyToTheNextTry() {
    stream.exceptionOccurred(new IOException("reset"));
    assertThat(opened).isCompletedExceptionally();
    assertThat(stream.isEnded()).isFalse();
  }
}
