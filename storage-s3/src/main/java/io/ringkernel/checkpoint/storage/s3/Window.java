package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.Range;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The first bytes of a read, which come with what is known of the object: most reads need no more.
 *
 * @param state of the object
 * @param range where in the object the bytes are
 * @param bytes never changed
 */
record Window(ObjectState state, Range range, ByteBuffer bytes) {
  /** The most that a read begins with. */
  static final int MOST_BYTES = 256 << 10;

  /** Takes the answer to one request; the SDK begins anew with each of its retries. */
  static AsyncResponseTransformer<GetObjectResponse, Window> transformer(String name) {
    return new Transformer(name);
  }

  /** Whether these are all bytes of the object. */
  boolean isWhole() {
    return bytes.remaining() == state.object().size();
  }

  private static Window of(String name, GetObjectResponse response, ByteBuffer bytes) {
    ContentRange range = ContentRange.of(response);
    return new Window(
        ObjectState.of(name, range.size(), response),
        Range.of(range.offset(), bytes.remaining()),
        bytes);
  }

  private static final class Transformer
      implements AsyncResponseTransformer<GetObjectResponse, Window> {
    private final String name;
    private volatile CompletableFuture<Window> result = new CompletableFuture<>();
    private volatile GetObjectResponse response = GetObjectResponse.builder().build();

    Transformer(String name) {
      this.name = name;
    }

    @Override
    public CompletableFuture<Window> prepare() {
      result = new CompletableFuture<>();
      return result;
    }

    @Override
    public void onResponse(GetObjectResponse answer) {
      response = answer;
    }

    @Override
    public void onStream(SdkPublisher<ByteBuffer> publisher) {
      Long length = response.contentLength();
      if (length == null || length > MOST_BYTES) {
        publisher.subscribe(new Refusal());
        result.completeExceptionally(
            Failures.damaged(name, "the store sent more than the range asked for", null));
      } else {
        publisher.subscribe(new Collector(name, response, result, length.intValue()));
      }
    }

    @Override
    public void exceptionOccurred(Throwable failure) {
      result.completeExceptionally(failure);
    }
  }

  /** Gathers as many bytes as were announced. */
  private static final class Collector implements Subscriber<ByteBuffer> {
    private final String name;
    private final GetObjectResponse response;
    private final CompletableFuture<Window> result;
    private final ByteBuffer bytes;

    Collector(
        String name, GetObjectResponse response, CompletableFuture<Window> result, int length) {
      this.name = name;
      this.response = response;
      this.result = result;
      this.bytes = ByteBuffer.allocate(length);
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer chunk) {
      if (chunk.remaining() <= bytes.remaining()) {
        bytes.put(chunk);
      } else {
        result.completeExceptionally(Failures.damaged(name, "it is longer than announced", null));
      }
    }

    @Override
    public void onError(Throwable failure) {
      result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      if (bytes.hasRemaining()) {
        result.completeExceptionally(Failures.damaged(name, "it is shorter than announced", null));
      } else {
        result.complete(of(name, response, bytes.flip().asReadOnlyBuffer()));
      }
    }
  }
}
