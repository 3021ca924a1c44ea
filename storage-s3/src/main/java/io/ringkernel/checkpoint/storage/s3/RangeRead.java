package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.blocking.Operation;
import io.ringkernel.checkpoint.storage.blocking.SerialWork;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One subscription to a range: fills buffers on the storage's threads, one thread at a time, as
 * they are demanded.
 */
final class RangeRead implements Subscription {
  private final Operations operations;
  private final String name;
  private final BufferPool pool;
  private final RangeSource source;
  private final CoreSubscriber<? super OwnedBuffer> actual;
  private final AtomicLong demand = new AtomicLong();
  private final SerialWork work;
  private final Operation operation;

  // Touched only by run().
  private @Nullable OwnedBuffer filling;

  RangeRead(
      Operations operations,
      String name,
      BufferPool pool,
      RangeSource source,
      CoreSubscriber<? super OwnedBuffer> actual) {
    this.operations = operations;
    this.name = name;
    this.pool = pool;
    this.source = source;
    this.actual = actual;
    this.work = new SerialWork(operations.threads(), this::run);
    this.operation = new Operation(name, work::changed);
  }

  Operation operation() {
    return operation;
  }

  /** Looks at what was demanded or given up meanwhile. */
  void start() {
    work.changed();
  }

  @Override
  public void request(long n) {
    if (Operators.validate(n)) {
      demand.accumulateAndGet(n, Operators::addCap);
      work.changed();
    }
  }

  @Override
  public void cancel() {
    operation.dispose();
  }

  private void run() {
    if (work.hasEnded()) {
      return;
    }
    try {
      if (emit()) {
        end(null);
      }
    } catch (Throwable e) {
      end(operations.failures().of(name, e));
    }
  }

  /** Whether the last buffer was given, or nobody wants more. */
  private boolean emit() {
    while (!operation.isUnwanted() && (!source.isExhausted() || filling != null)) {
      if (demand.get() == 0) {
        return false;
      }
      OwnedBuffer buffer = filling == null ? begin() : filling;
      filling = buffer;
      source.fill(buffer.buffer(), work::changed);
      if (buffer.buffer().hasRemaining()) {
        return false;
      }
      filling = null;
      buffer.buffer().flip();
      demand.updateAndGet(left -> left == Long.MAX_VALUE ? left : left - 1);
      actual.onNext(buffer);
    }
    return true;
  }

  private OwnedBuffer begin() {
    OwnedBuffer buffer = pool.acquire();
    ByteBuffer memory = buffer.buffer();
    memory.limit((int) Math.min(memory.capacity(), source.remaining()));
    return buffer;
  }

  private void end(@Nullable Throwable failure) {
    work.end();
    source.close();
    if (filling != null) {
      filling.close();
      filling = null;
    }
    operations.underWay().end(operation);
    if (operation.isCancelled()) {
      return;
    }
    Throwable reason = operation.reason(failure);
    if (reason == null) {
      actual.onComplete();
    } else {
      actual.onError(reason);
    }
  }
}
