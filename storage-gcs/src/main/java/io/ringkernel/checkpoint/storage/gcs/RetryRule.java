package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.gax.retrying.BasicResultRetryAlgorithm;
import com.google.api.gax.retrying.ResultRetryAlgorithm;
import com.google.cloud.storage.StorageException;
import com.google.cloud.storage.StorageRetryStrategy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.Serial;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Which failures the client tries again: the statuses that it would by default, and every broken
 * connection, as long as somebody waits for the result.
 *
 * <p>The client's own rule knows broken connections by the errors of another HTTP library; the one
 * that is used here, which can end a request from outside, has others.
 */
final class RetryRule implements StorageRetryStrategy {
  @Serial private static final long serialVersionUID = 1L;

  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

  private static final int UNAUTHORIZED = 401;

  /** It was refused before anything was done. */
  private static final Set<Integer> REFUSED = Set.of(408, 429);

  @Override
  public ResultRetryAlgorithm<?> getIdempotentHandler() {
    return new Handler(true);
  }

  @Override
  public ResultRetryAlgorithm<?> getNonidempotentHandler() {
    return new Handler(false);
  }

  /** Whether the same call may succeed later. */
  static boolean isTransient(Throwable failure) {
    StorageException service = serviceFailure(failure);
    if (service != null && service.getCode() > 0) {
      return TRANSIENT.contains(service.getCode());
    }
    return (service != null && service.isRetryable())
        || (has(failure, IOException.class) && !isLasting(failure))
        || isEmptyAnswer(failure);
  }

  /** Whether a connection was not made, or brought nothing more, for as long as is waited. */
  static boolean isSilence(Throwable failure) {
    return has(failure, InterruptedIOException.class);
  }

  /** The service's own word within a failure, or null. */
  static @Nullable StorageException serviceFailure(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof StorageException found) {
        return found;
      }
    }
    return null;
  }

  /** Whether the service may have done what was asked, although that is not what it said. */
  private static boolean mayHaveArrived(Throwable failure) {
    StorageException service = serviceFailure(failure);
    if (service != null && service.getCode() > 0) {
      return !REFUSED.contains(service.getCode());
    }
    return !has(failure, ConnectException.class)
        && !has(failure, NoRouteToHostException.class)
        && !has(failure, UnknownHostException.class);
  }

  /**
   * A connection that ended before the first byte of a description; the client has no type for it.
   */
  private static boolean isEmptyAnswer(Throwable failure) {
    return failure instanceof IllegalArgumentException
        && "no JSON input found".equals(failure.getMessage());
  }

  /** Nothing that passes by itself. */
  private static boolean isLasting(Throwable failure) {
    return has(failure, SSLHandshakeException.class)
        || has(failure, SSLPeerUnverifiedException.class);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (type.isInstance(each)) {
        return true;
      }
    }
    return false;
  }

  private static final class Handler extends BasicResultRetryAlgorithm<Object> {
    private final boolean isIdempotent;

    Handler(boolean isIdempotent) {
      this.isIdempotent = isIdempotent;
    }

    @Override
    public boolean shouldRetry(Throwable failure, Object response) {
      if (failure == null) {
        return false;
      }
      Wire wire = Wire.current();
      StorageException service = serviceFailure(failure);
      if (service != null && service.getCode() == UNAUTHORIZED) {
        // The token had just expired: requests with a body are not sent again by themselves.
        return wire != null && wire.mayRenew();
      }
      if (!isTransient(failure)) {
        return false;
      }
      return wire == null
          ? isIdempotent
          : wire.mayRetry(isIdempotent, mayHaveArrived(failure), isSilence(failure));
    }
  }
}
