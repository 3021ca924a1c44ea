package io.ringkernel.checkpoint.storage.blocking;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ClosedException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OperationTest {
  private final AtomicInteger unwanted = new AtomicInteger();
  private final Operation operation = new Operation("a/b", unwanted::incrementAndGet);
  private final IOException failure = new IOException("connection reset");

  @Test
  void failsAsItFailedWhileItIsWanted() {
    assertThat(operation.isUnwanted()).isFalse();
    assertThat(operation.reason(failure)).isSameAs(failure);
    assertThat(operation.reason(null)).isNull();
    assertThat(unwanted).hasValue(0);
  }

  @Test
  void failsBecauseOfTheCloseWhateverWentWrongThen() {
    operation.stop();

    assertThat(operation.isUnwanted()).isTrue();
    assertThat(operation.isCancelled()).isFalse();
    assertThat(operation.reason(failure))
        .isInstanceOf(ClosedException.class)
        .hasMessage("'a/b': this storage was closed; open it again")
        .isSameAs(operation.reason(null));
    assertThat(unwanted).hasValue(1);
  }

  @Test
  void tellsThatItsSubscriberIsGone() {
    operation.dispose();

    assertThat(operation.isUnwanted()).isTrue();
    assertThat(operation.isCancelled()).isTrue();
    assertThat(unwanted).hasValue(1);
  }
}
