package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.KernelException.Phase;
import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FatalErrorsTest {
  private static final class Untellable extends Error {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new StackOverflowError();
    }
  }

  @Test
  void leaveOthersAsTheyAre() {
    for (Throwable told : List.of(new IOException("lost"), new AssertionError("no"))) {
      assertThat(FatalErrors.ofStorage("a", told)).isSameAs(told);
      assertThat(FatalErrors.ofKernel("k", Phase.CAPTURE, told)).isSameAs(told);
    }
  }

  @Test
  void sayWhatIsMissing() {
    Error missing = new UnsatisfiedLinkError("no kernel.so");

    assertThat(FatalErrors.ofStorage("a", missing))
        .isInstanceOf(StorageException.class)
        .hasCause(missing)
        .hasMessageContaining("'a': " + missing + "; the classes that this storage uses");
    assertThat(FatalErrors.ofKernel("k", Phase.CAPTURE, missing))
        .isInstanceOf(KernelException.class)
        .hasCause(missing)
        .hasMessageContaining("'k', capture: " + missing + "; a class or a native library");
  }

  @Test
  void sayThatMemoryIsUsedUp() {
    Error used = new OutOfMemoryError("direct");

    assertThat(FatalErrors.ofStorage("a", used)).hasMessageEndingWith("may need more memory");
    assertThat(FatalErrors.ofKernel("k", Phase.RESUME, used))
        .hasMessageEndingWith("may need more memory");
  }

  @Test
  void nameThoseThatCannotSayWhatTheyAre() {
    Untellable untellable = new Untellable();

    Throwable told = FatalErrors.ofKernel("k", Phase.RESTORE, untellable);

    assertThat(told).hasMessageContaining(Untellable.class.getName());
    assertThat(told.getCause() == untellable).isTrue();
    assertThat(FatalErrors.ofStorage("a", untellable))
        .hasMessageContaining(Untellable.class.getName());
  }
}
