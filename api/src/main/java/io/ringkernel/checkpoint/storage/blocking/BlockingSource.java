package io.ringkernel.checkpoint.storage.blocking;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A source that gives items one by one; used by one thread at a time.
 *
 * @param <T> what is given
 */
public interface BlockingSource<T> extends Closeable {
  /** The next item, or null after the last. */
  @Nullable T next() throws IOException;

  /** Whether it is known, without work, that nothing follows. */
  default boolean isExhausted() {
    return false;
  }

  /** Called once, after the last item or when no more is wanted; a failure of it is ignored. */
  @Override
  default void close() throws IOException {}
}
