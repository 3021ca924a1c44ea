package io.ringkernel.checkpoint.storage.file;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings a long file to the disk while it is still being written, so that disk and memory work at
 * the same time and the force at its end has little left to do.
 *
 * <p>One force at a time, on another thread. A failure is told by {@link #settle}: the system tells
 * it but once, and the last force would then find nothing wrong.
 */
final class EarlyForce {
  /** Enough for a disk to work on; less would only be many small requests. */
  static final long EACH = 32L << 20;

  private enum State {
    IDLE,
    QUEUED,
    RUNNING
  }

  /** Brings what was written so far to the disk. */
  interface Force {
    void run() throws IOException;
  }

  private final Force force;
  private final Executor threads;
  private long written;
  private State state = State.IDLE;
  private @Nullable IOException failure;

  /**
   * @param threads may block
   */
  EarlyForce(Force force, Executor threads) {
    this.force = force;
    this.threads = threads;
  }

  /** Told after each write. */
  void written(long bytes) {
    written += bytes;
    if (written >= EACH && queue()) {
      written = 0;
      threads.execute(this::run);
    }
  }

  /**
   * Waits for what is under way; what has not begun does not begin any more, so that no thread
   * waits for one that there may not be.
   *
   * @throws IOException when a force failed
   */
  synchronized void settle() throws IOException {
    while (state == State.RUNNING) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw (IOException) new InterruptedIOException("interrupted in a force").initCause(e);
      }
    }
    state = State.IDLE;
    IOException told = failure;
    failure = null;
    if (told != null) {
      throw told;
    }
  }

  private void run() {
    if (begin()) {
      IOException failed = null;
      try {
        force.run();
      } catch (IOException e) {
        failed = e;
      } finally {
        end(failed);
      }
    }
  }

  private synchronized boolean queue() {
    if (state != State.IDLE) {
      return false;
    }
    state = State.QUEUED;
    return true;
  }

  private synchronized boolean begin() {
    if (state != State.QUEUED) {
      return false;
    }
    state = State.RUNNING;
    return true;
  }

  private synchronized void end(@Nullable IOException failed) {
    state = State.IDLE;
    if (failed != null) {
      failure = failed;
    }
    notifyAll();
  }
}
