package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MessagesTest {
  private static final class Untellable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  @Test
  void areTheErrorsOwnWhereItHasOne() {
    assertThat(Messages.of(new IOException("a lost line"))).isEqualTo("a lost line");
    assertThat(Messages.of(new IOException())).isEqualTo("null");
  }

  @Test
  void nameTheErrorThatFailsWhenItIsAsked() {
    assertThat(Messages.of(new Untellable())).startsWith(Untellable.class.getName());
  }
}
