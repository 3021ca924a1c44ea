package io.ringkernel.checkpoint.storage.s3;

import java.nio.ByteBuffer;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Takes nothing of a body that is not the one that was asked for. */
final class Refusal implements Subscriber<ByteBuffer> {
  @Override
  public void onSubscribe(Subscription subscription) {
    subscription.cancel();
  }

  @Override
  public void onNext(ByteBuffer chunk) {}

  @Override
  public void onError(Throwable failure) {}

  @Override
  public void onComplete() {}
}
