package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.StorageException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.concurrent.Queues;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * The body of one answer, chunk by chunk as the network brings them, a few at a time. It is done
 * with once it broke: the SDK does not see that, and so does not begin it anew.
 */
final class ChunkStream
    implements AsyncResponseTransformer<GetObjectResponse, Long>, Subscriber<ByteBuffer> {
  /** Chunks are some KiB each. */
  private static final int MOST_WAITING = 32;

  private final String name;
  private final long offset;
  private final Runnable changed;
  private final Queue<ByteBuffer> chunks = Queues.<ByteBuffer>unbounded(MOST_WAITING).get();
  private volatile CompletableFuture<Long> opened = new CompletableFuture<>();
  private volatile long begin;
  private volatile @Nullable Subscription source;
  private volatile boolean cancelled;
  private volatile @Nullable Throwable failure;
  private volatile boolean ended;

  // Touched only by the reader.
  private @Nullable Disposable request;
  private int outstanding;

  /**
   * @param name of the object
   * @param offset where in it the body must begin
   * @param changed called whenever there is something new; must be quick
   */
  ChunkStream(String name, long offset, Runnable changed) {
    this.name = name;
    this.offset = offset;
    this.changed = changed;
  }

  /** Sends the request that this takes the answer of. */
  void open(Mono<Long> sending) {
    request = sending.subscribe(opened -> {}, this::onError);
  }

  /** The next chunk, or null when none is here. */
  @Nullable ByteBuffer poll() {
    ByteBuffer chunk = chunks.poll();
    Subscription from = source;
    if (chunk != null) {
      outstanding--;
    }
    if (from != null && outstanding <= MOST_WAITING / 2) {
      int more = MOST_WAITING - outstanding;
      outstanding = MOST_WAITING;
      from.request(more);
    }
    return chunk;
  }

  /** Whether no chunk will come; asked before {@link #poll}. */
  boolean isEnded() {
    return ended;
  }

  /** Why it ended early, if it was not the connection's end. */
  @Nullable Throwable failure() {
    return failure;
  }

  void cancel() {
    cancelled = true;
    Disposable sending = request;
    if (sending != null) {
      sending.dispose();
    }
    Subscription from = source;
    if (from != null) {
      from.cancel();
    }
  }

  @Override
  public CompletableFuture<Long> prepare() {
    opened = new CompletableFuture<>();
    return opened;
  }

  @Override
  public void onResponse(GetObjectResponse response) {
    // Only a version that is known is read like this: all that is new is where its bytes begin.
    begin = ContentRange.of(response).offset();
  }

  @Override
  public void onStream(SdkPublisher<ByteBuffer> publisher) {
    if (begin == offset) {
      publisher.subscribe(this);
      opened.complete(begin);
    } else {
      StorageException reason = Failures.otherRange(name);
      onError(reason);
      opened.completeExceptionally(reason);
      publisher.subscribe(new Refusal());
    }
  }

  @Override
  public void exceptionOccurred(Throwable cause) {
    // Before the body, the SDK may try again; afterwards this may be all that tells of its end.
    if (!opened.completeExceptionally(cause)) {
      onError(cause);
    }
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    source = subscription;
    if (cancelled) {
      subscription.cancel();
    }
    changed.run();
  }

  @Override
  public void onNext(ByteBuffer chunk) {
    chunks.add(chunk);
    changed.run();
  }

  @Override
  public void onError(Throwable cause) {
    // The first tells why; others come of it.
    if (failure == null) {
      failure = cause;
    }
    ended = true;
    changed.run();
  }

  @Override
  public void onComplete() {
    ended = true;
    changed.run();
  }
}
