package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.services.storage.model.StorageObject;
import io.ringkernel.checkpoint.storage.blocking.Attempt;
import java.io.IOException;
import org.apache.http.client.methods.HttpRequestBase;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one operation, one after the other: what ends them early, and what is known of
 * them that the client does not tell.
 *
 * <p>The client is blocking and has no cancel: a read of a silent server waits for its timeout, and
 * a retry for its turn. So the operation's thread leaves a note of its request here, and when
 * nobody waits for it any more, its connection is closed and its sleep is interrupted. Neither
 * reaches another operation: the note is taken back before the thread does anything else.
 */
final class Wire {
  /** Calls of the client. */
  @FunctionalInterface
  interface Exchange<T> {
    T run() throws IOException;
  }

  /** As the client tries each request. */
  private static final int MOST_BREAKS = 6;

  /** Each takes a whole timeout: whoever waits is told after two of them. */
  private static final int MOST_SILENCES = 2;

  private static final ThreadLocal<@Nullable Wire> CURRENT = new ThreadLocal<>();

  private final Attempt attempt;

  // Guarded by this.
  private @Nullable Thread thread;
  private @Nullable HttpRequestBase request;
  private boolean committing;

  // Touched only by the thread at work.
  private boolean repeatable = true;
  private boolean once;
  private boolean doubtful;
  private boolean renewed;
  private int breaks;
  private int silences;
  private @Nullable StorageObject answer;

  private Wire(Attempt attempt) {
    this.attempt = attempt;
  }

  /** For an operation: ended early when that is unwanted. */
  static Wire of(Attempt attempt) {
    Wire wire = new Wire(attempt);
    attempt.whenUnwanted(wire::giveUp);
    return wire;
  }

  /** That of the calling thread, if it is at work for one. */
  static @Nullable Wire current() {
    return CURRENT.get();
  }

  /** Makes calls of the client for this operation. */
  <T> T run(Exchange<T> exchange) throws IOException {
    synchronized (this) {
      thread = Thread.currentThread();
    }
    CURRENT.set(this);
    doubtful = false;
    renewed = false;
    try {
      return exchange.run();
    } finally {
      CURRENT.remove();
      synchronized (this) {
        thread = null;
      }
      // Ours, if any; it has done its work.
      Thread.interrupted();
    }
  }

  /** Calls that must be tried once only: a second try would not be the same. */
  <T> T runUnrepeatable(Exchange<T> exchange) throws IOException {
    repeatable = false;
    try {
      return run(exchange);
    } finally {
      repeatable = true;
    }
  }

  /** Calls that are not worth waiting for. */
  <T> T runOnce(Exchange<T> exchange) throws IOException {
    once = true;
    try {
      return run(exchange);
    } finally {
      once = false;
    }
  }

  /**
   * From here on, what is under way may change what everybody sees: a connection closed in the
   * middle would leave open whether it did. Only waiting for a retry is cut short now.
   */
  synchronized void commit() {
    committing = true;
  }

  /** Ends what is under way. */
  void giveUp() {
    HttpRequestBase underWay;
    synchronized (this) {
      underWay = committing ? null : request;
      if (thread != null) {
        thread.interrupt();
      }
    }
    if (underWay != null) {
      underWay.abort();
    }
  }

  /** Closes the connection of a response that was not read to its end. */
  void hangUp() {
    HttpRequestBase underWay;
    synchronized (this) {
      underWay = request;
    }
    if (underWay != null) {
      underWay.abort();
    }
  }

  /** A request is about to be sent by this thread. */
  void began(HttpRequestBase next) {
    boolean late;
    synchronized (this) {
      request = next;
      late = attempt.isUnwanted() && !committing;
    }
    if (late) {
      next.abort();
    }
  }

  /** An upload was answered with what it made, or null if that could not be read. */
  void answered(@Nullable StorageObject made) {
    answer = made;
  }

  /** What the last answered upload made, if it was told. */
  @Nullable StorageObject answer() {
    return answer;
  }

  /**
   * Whether to try a request again.
   *
   * @param isIdempotent whether the client knows that a second try does no harm
   * @param mayHaveArrived whether the service may have done what was asked
   * @param isSilence whether nothing came for as long as is waited
   */
  boolean mayRetry(boolean isIdempotent, boolean mayHaveArrived, boolean isSilence) {
    doubtful |= mayHaveArrived;
    breaks++;
    silences += isSilence ? 1 : 0;
    boolean isHopeful = breaks < MOST_BREAKS && silences < MOST_SILENCES;
    return (isIdempotent || repeatable) && !once && !attempt.isUnwanted() && isHopeful;
  }

  /** Whether to try once more with new credentials: the client has just got them. */
  boolean mayRenew() {
    boolean isFirst = !renewed;
    renewed = true;
    return isFirst && !attempt.isUnwanted();
  }

  /** Something arrived: what breaks later is tried again as often as the first time. */
  void progressed() {
    breaks = 0;
    silences = 0;
    renewed = false;
  }

  /** Whether a failed try of the last calls may have been carried out all the same. */
  boolean isDoubtful() {
    return doubtful;
  }
}
