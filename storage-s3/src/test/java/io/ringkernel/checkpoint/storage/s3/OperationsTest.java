package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

class OperationsTest {
  @Test
  void cancelsWhatIsUnderWayBeforeAllIsGivenBack() {
    AtomicBoolean begun = new AtomicBoolean();
    AtomicBoolean cancelled = new AtomicBoolean();
    AtomicBoolean cancelledFirst = new AtomicBoolean();
    Operations operations =
        new Operations(
            new IoThreads("rkcp-s3-test", 2),
            new Failures(S3Options.parse(StorageOptions.parse("s3://bucket"))),
            () -> cancelledFirst.set(cancelled.get()));
    Flux<String> endless =
        Flux.<String>never()
            .doOnSubscribe(subscription -> begun.set(true))
            .doOnCancel(() -> cancelled.set(true));
    CompletableFuture<String> work = operations.untilClosed("a", endless).next().toFuture();
    Patience.until("it is under way", begun::get);

    operations.close().block(Patience.LIMIT);

    assertThat(cancelledFirst).isTrue();
    assertThat(catchThrowable(work::join))
        .hasCauseInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }
}
