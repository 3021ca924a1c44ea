package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;

/**
 * The bytes of a range of one version of an object, in pooled buffers of one size, requested from
 * the store with the first demand. Each subscription is a read of its own.
 */
final class RangeFlux extends Flux<OwnedBuffer> {
  private final Bucket bucket;
  private final Operations operations;
  private final BufferPool pool;
  private final ObjectState state;
  private final Range range;
  private final @Nullable Window window;
  private final boolean checked;

  /**
   * @param state the version
   * @param range within the object
   * @param window the first bytes if they are here already, or null
   * @param checked whether the service's checksum is held against a read of the whole object
   */
  RangeFlux(
      Bucket bucket,
      Operations operations,
      BufferPool pool,
      ObjectState state,
      Range range,
      @Nullable Window window,
      boolean checked) {
    this.bucket = bucket;
    this.operations = operations;
    this.pool = pool;
    this.state = state;
    this.range = range;
    this.window = window;
    this.checked = checked;
  }

  @Override
  public void subscribe(CoreSubscriber<? super OwnedBuffer> actual) {
    RangeSource source = new RangeSource(bucket, state, range, window, checked);
    RangeRead read = new RangeRead(operations, state.object().name(), pool, source, actual);
    if (!operations.underWay().begin(read.operation())) {
      Operators.error(actual, BlockingOperations.closed(state.object().name()));
      return;
    }
    actual.onSubscribe(read);
    read.start();
  }
}
