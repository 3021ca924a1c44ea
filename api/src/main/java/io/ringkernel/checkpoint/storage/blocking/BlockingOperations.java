package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.internal.FatalErrors;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * The operations under way in one storage, and the threads that do them. The threads end with
 * {@link #close}, once the last operation has cleaned up.
 */
public final class BlockingOperations {
  /** Turns a failure of blocking code into the error that the caller of a storage gets. */
  @FunctionalInterface
  public interface FailureWording {
    /**
     * The error that the subscriber gets.
     *
     * @param name what was asked for
     * @param failure what blocking code threw; {@link
     *     io.ringkernel.checkpoint.error.CheckpointException}s stay as they are, and {@link
     *     LinkageError}s and {@link VirtualMachineError}s may: they are worded for all storages
     */
    Throwable of(String name, Throwable failure);
  }

  private static final AtomicInteger STORAGES = new AtomicInteger();

  private final IoThreads threads;
  private final IoThreads aborts;
  private final FailureWording failures;
  private final Runnable atEnd;
  private final UnderWay underWay = new UnderWay(this::shutDown);

  /**
   * @param name the threads' name, before two numbers: {@code "rkcp-file"}
   * @param mostThreads how many are at work at once, at least 1; one more thread ends blocked calls
   * @param failures turns failures into errors
   * @param atEnd releases what all operations shared; run last, on the thread that ends blocked
   *     calls
   */
  public BlockingOperations(String name, int mostThreads, FailureWording failures, Runnable atEnd) {
    String numbered = name + "-" + STORAGES.incrementAndGet();
    this.threads = new IoThreads(numbered, mostThreads);
    this.aborts = new IoThreads(numbered + "-abort", 1);
    this.failures = failures;
    this.atEnd = atEnd;
  }

  /**
   * One piece of work with one result; each subscription does it anew. If it is cancelled before
   * its turn, it is not done at all.
   *
   * @param name what is asked for, for messages
   */
  public <T> Mono<T> call(String name, BlockingWork<T> work) {
    return Mono.create(
        sink -> {
          Call<T> call = new Call<>(name, work, sink);
          if (underWay.begin(call.operation)) {
            sink.onCancel(call.operation);
            threads.execute(call);
          } else {
            sink.error(closed(name));
          }
        });
  }

  /**
   * Items as they are demanded; each subscription opens a source of its own.
   *
   * @param name what is asked for, for messages
   * @param opener opens the source; the attempt that it gets lasts as long as the source
   * @param discard takes an item that nobody wants any more; must not block
   */
  public <T> Flux<T> pull(
      String name, BlockingWork<? extends BlockingSource<T>> opener, Consumer<T> discard) {
    return new PullFlux<>(this, name, opener, discard);
  }

  /**
   * A save; each subscription makes a new attempt with a new subscription to the content.
   *
   * @param name what is saved, for messages
   * @param content the bytes; each buffer is closed here
   * @param opener makes the save without any work yet; it is called on the subscriber's thread and
   *     must not block; the attempt that it gets lasts as long as the save
   */
  public Mono<StoredObject> save(
      String name, Publisher<OwnedBuffer> content, BlockingWork<BlockingSave> opener) {
    return Mono.create(
        sink -> {
          Attempt attempt = newAttempt();
          BlockingSave save;
          try {
            save = opener.run(attempt);
          } catch (Throwable e) {
            sink.error(failure(name, e));
            return;
          }
          new SaveOperation(this, name, content, save, attempt, sink).start();
        });
  }

  /**
   * Does work that only {@link #close} waits for.
   *
   * @param work throws nothing
   */
  public void run(Consumer<Attempt> work) {
    Attempt attempt = newAttempt();
    Operation operation = new Operation("what nobody waits for", attempt::giveUp);
    if (underWay.begin(operation)) {
      threads.execute(
          () -> {
            try {
              work.accept(attempt);
            } finally {
              underWay.end(operation);
            }
          });
    }
  }

  /** See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#close}. */
  public Mono<Void> close() {
    return Mono.defer(
        () -> {
          underWay.close();
          return Mono.when(threads.ended(), aborts.ended());
        });
  }

  /**
   * The error of a call to a storage that was closed.
   *
   * @param name what was asked for
   */
  public static ClosedException closed(String name) {
    return new ClosedException("'" + name + "': this storage was closed; open it again");
  }

  /** What a subscriber gets for a failure. */
  Throwable failure(String name, Throwable failure) {
    return FatalErrors.ofStorage(name, worded(name, failure));
  }

  /** Its words may need classes that are what is missing. */
  private Throwable worded(String name, Throwable failure) {
    try {
      return failures.of(name, failure);
    } catch (Throwable e) {
      FirstFailure.suppress(failure, e);
      return e;
    }
  }

  Attempt newAttempt() {
    return new Attempt(aborts, threads);
  }

  UnderWay underWay() {
    return underWay;
  }

  /** Run what an operation does that began and has not ended. */
  Executor threads() {
    return threads;
  }

  private void shutDown() {
    aborts.execute(
        () -> {
          try {
            atEnd.run();
          } finally {
            threads.stop();
            aborts.stop();
          }
        });
  }

  /** A piece of work that is done at once or, if cancelled before its turn, not at all. */
  private final class Call<T> implements Runnable {
    private final String name;
    private final BlockingWork<T> work;
    private final MonoSink<T> sink;
    private final Attempt attempt = newAttempt();
    private final Operation operation;

    Call(String name, BlockingWork<T> work, MonoSink<T> sink) {
      this.name = name;
      this.work = work;
      this.sink = sink;
      this.operation = new Operation(name, attempt::giveUp);
    }

    @Override
    public void run() {
      Runnable signal = () -> {};
      try {
        if (!operation.isCancelled()) {
          T value = work.run(attempt);
          signal = () -> sink.success(value);
        }
      } catch (Throwable e) {
        Throwable failure = failure(name, e);
        signal = () -> fail(failure);
      }
      attempt.whenUnwanted(null);
      underWay.end(operation);
      signal.run();
    }

    /** Nobody is left to be told once it is cancelled. */
    private void fail(Throwable failure) {
      Throwable reason = operation.reason(failure);
      if (reason != null && !operation.isCancelled()) {
        sink.error(reason);
      }
    }
  }
}
