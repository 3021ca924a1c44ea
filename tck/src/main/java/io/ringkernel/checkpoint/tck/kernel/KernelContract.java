package io.ringkernel.checkpoint.tck.kernel;

import org.junit.jupiter.api.Nested;

/**
 * The contract of a kernel, topic by topic.
 *
 * <p>An adapter gives {@link DescribedKernel} its memory:
 *
 * <pre>{@code
 * class CudaKernelContractTest extends KernelContract {
 *   @Override
 *   protected KernelUnderTest start() {
 *     return new DescribedKernel(
 *         KernelAdapters.named("cuda"), Map.of(), EnumSet.of(SHADOW, WAITS), DeviceBytes::new);
 *   }
 * }
 * }</pre>
 *
 * <p>A kernel of any other kind implements {@link KernelUnderTest}.
 */
public abstract class KernelContract {
  /** For subclasses. */
  protected KernelContract() {}

  /**
   * Starts a kernel, at rest. All kernels that are started have one type and layout, and each has a
   * state of its own. The kit closes them.
   */
  protected abstract KernelUnderTest start();

  /**
   * How many shadows, pinned buffers and native objects of the kernels are lent out now. A kernel
   * that can tell should: the kit expects 0 at the end of each test, before the kernels are closed.
   */
  protected int openResources() {
    return 0;
  }

  @Nested
  class Capturing extends CaptureTopic {
    Capturing() {
      super(KernelContract.this);
    }
  }

  @Nested
  class OneAtATime extends TurnTopic {
    OneAtATime() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Restoring extends RestoreTopic {
    Restoring() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Refusals extends RefusalTopic {
    Refusals() {
      super(KernelContract.this);
    }
  }

  @Nested
  class CancelledCaptures extends CancelledCaptureTopic {
    CancelledCaptures() {
      super(KernelContract.this);
    }
  }

  @Nested
  class CancelledRestores extends CancelledRestoreTopic {
    CancelledRestores() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Failures extends FailureTopic {
    Failures() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Releasing extends ReleaseTopic {
    Releasing() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Closing extends CloseTopic {
    Closing() {
      super(KernelContract.this);
    }
  }

  @Nested
  class ReactiveRules extends ReactiveTopic {
    ReactiveRules() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Quiescing extends QuiesceTopic {
    Quiescing() {
      super(KernelContract.this);
    }
  }

  @Nested
  class Incremental extends IncrementalTopic {
    Incremental() {
      super(KernelContract.this);
    }
  }
}
