package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A kernel's own thread: it works in turns and, between two of them, does what it is asked. There
 * the kernel stands still, so whatever is asked has the state to itself without a lock.
 *
 * <p>Nobody waits for it: requests go through a lock-free queue, and answers are signalled on
 * another thread, so that a slow subscriber does not hold up the kernel either.
 */
final class KernelLoop implements AutoCloseable {
  private final String kernelId;
  private final BooleanSupplier turn;
  private final Runnable onEnd;
  private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
  private final Map<Answer<?>, Phase> wanted = new ConcurrentHashMap<>();
  private final Scheduler signals;
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile @Nullable Throwable failure;

  /**
   * @param kernelId names the threads and the errors
   * @param turn does a turn of the kernel's work, or returns false when there is none to do
   * @param onEnd run once when no turn will follow
   */
  KernelLoop(String kernelId, BooleanSupplier turn, Runnable onEnd) {
    this.kernelId = kernelId;
    this.turn = turn;
    this.onEnd = onEnd;
    this.signals = Schedulers.newSingle("wave-" + kernelId + "-signals", true);
    this.thread = new Thread(this::run, "wave-" + kernelId);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /**
   * Asks for something on each subscription; {@code request} runs between two turns, unless it was
   * cancelled before. It fails when the kernel ends before there is an answer.
   *
   * @param phase what it is about, for the error
   * @param request what to do
   */
  <T> Mono<T> ask(Phase phase, Consumer<Answer<T>> request) {
    return ask(phase, request, unreceived -> {});
  }

  /**
   * The same for answers that are not for the garbage collector alone.
   *
   * @param drop what becomes of an answer that nobody receives
   */
  <T> Mono<T> ask(Phase phase, Consumer<Answer<T>> request, Consumer<? super T> drop) {
    return Mono.fromDirect(subscriber -> submit(phase, request, drop, subscriber));
  }

  private <T> void submit(
      Phase phase,
      Consumer<Answer<T>> request,
      Consumer<? super T> drop,
      Subscriber<? super T> subscriber) {
    Answer<T> answer = new Answer<>(subscriber, this::signal, drop, wanted::remove);
    wanted.put(answer, phase);
    subscriber.onSubscribe(answer);
    tell(() -> serve(request, answer));
    if (ended) {
      answer.fail(ending(phase));
    }
  }

  private static <T> void serve(Consumer<Answer<T>> request, Answer<T> answer) {
    try {
      if (answer.isWanted()) {
        request.accept(answer);
      }
    } catch (RuntimeException e) {
      answer.fail(e);
    }
  }

  /** Has something done between two turns; nothing is done once the kernel has ended. */
  void tell(Runnable request) {
    requests.add(request);
    LockSupport.unpark(thread);
  }

  /**
   * Work that needs no turn of the kernel, on the signals' thread instead of the subscriber's.
   *
   * @param phase what it is about, for the error when the kernel has ended
   * @param work what to do
   */
  <T> Mono<T> beside(Phase phase, Mono<T> work) {
    return work.subscribeOn(signals)
        .onErrorMap(RejectedExecutionException.class, e -> ending(phase));
  }

  private void run() {
    try {
      while (!closing) {
        for (Runnable next = requests.poll(); next != null; next = requests.poll()) {
          next.run();
        }
        if (!turn.getAsBoolean() && requests.isEmpty() && !closing) {
          LockSupport.park(this);
        }
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      end();
    }
  }

  private void end() {
    ended = true;
    onEnd.run();
    wanted.forEach((answer, phase) -> answer.fail(ending(phase)));
    // Gracefully: what was just refused is still to be signalled.
    signals.disposeGracefully().subscribe();
  }

  private void signal(Runnable answer) {
    // Asked first, since an executor takes a lock to say why it refuses something.
    if (!signals.isDisposed()) {
      try {
        signals.schedule(answer);
        return;
      } catch (RejectedExecutionException e) {
        // It was disposed meanwhile.
      }
    }
    // The kernel has ended: there is nothing left that the subscriber could hold up.
    answer.run();
  }

  private KernelException ending(Phase phase) {
    Throwable cause = failure;
    String message = cause == null ? "the kernel is closed" : "the kernel's thread failed";
    return new KernelException(kernelId, phase, message, cause);
  }

  /** Ends the thread after its turn; returns at once. Idempotent. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
  }
}
