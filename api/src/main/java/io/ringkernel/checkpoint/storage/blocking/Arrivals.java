package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.OwnedBuffer;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The buffers that a source has brought to a save, in order, until the save takes them.
 *
 * <p>A buffer belongs to whoever polls it. {@link #closeAll} closes those that nobody will poll; a
 * save calls it again for each that comes late. One thread at a time polls.
 */
public final class Arrivals {
  private final Runnable changed;
  private final Inlet inlet;
  private final Queue<OwnedBuffer> buffers = Queues.<OwnedBuffer>unbounded(64).get();
  private volatile @Nullable Subscription source;
  private volatile boolean cancelled;
  private volatile boolean complete;
  private volatile @Nullable Throwable failure;

  /**
   * Subscribes to nothing yet.
   *
   * @param context what the source's operators see
   * @param changed called when something came, on the source's threads; must not block
   */
  public Arrivals(ContextView context, Runnable changed) {
    this.changed = changed;
    this.inlet = new Inlet(Context.of(context));
  }

  /** Subscribes to the source, once; nothing comes before {@link #request}. */
  public void subscribeTo(Publisher<OwnedBuffer> content) {
    // Operators between here and the source then close what they drop.
    Flux.from(content).doOnDiscard(OwnedBuffer.class, OwnedBuffer::close).subscribe(inlet);
  }

  /** Asks for more buffers, once the source has begun; {@code changed} is called when it does. */
  public void request(long more) {
    Subscription from = source;
    if (from != null && more > 0) {
      from.request(more);
    }
  }

  /** Whether the source has begun. */
  public boolean hasBegun() {
    return source != null;
  }

  /** Wants no more buffers, also of a source that begins later; one on its way may still come. */
  public void cancel() {
    cancelled = true;
    Subscription from = source;
    if (from != null) {
      from.cancel();
    }
  }

  /**
   * Whether the source has completed. Ask this before {@link #isEmpty}: what had arrived by then is
   * all there will be.
   */
  public boolean isComplete() {
    return complete;
  }

  /** Why the source failed, or null. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /** Whether no buffer waits. */
  public boolean isEmpty() {
    return buffers.isEmpty();
  }

  /** The next buffer, which stays; null for none. */
  public @Nullable OwnedBuffer peek() {
    return buffers.peek();
  }

  /** The next buffer, which the caller closes; null for none. */
  public @Nullable OwnedBuffer poll() {
    return buffers.poll();
  }

  /** Closes all buffers that wait. */
  public void closeAll() {
    for (OwnedBuffer late = poll(); late != null; late = poll()) {
      late.close();
    }
  }

  /** Where the source's signals come in. */
  private final class Inlet implements CoreSubscriber<OwnedBuffer> {
    private final Context context;

    Inlet(Context context) {
      this.context = context;
    }

    @Override
    public Context currentContext() {
      return context;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      if (Operators.validate(source, subscription)) {
        source = subscription;
        if (cancelled) {
          subscription.cancel();
        }
        changed.run();
      }
    }

    @Override
    public void onNext(OwnedBuffer buffer) {
      buffers.add(buffer);
      changed.run();
    }

    @Override
    public void onError(Throwable reason) {
      failure = reason;
      changed.run();
    }

    @Override
    public void onComplete() {
      complete = true;
      changed.run();
    }
  }
}
