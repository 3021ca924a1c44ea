package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.DeviceLostException;
import io.ringkernel.checkpoint.error.KernelException;
import java.util.Set;
import java.util.TreeSet;
import jcuda.driver.CUresult;

/**
 * Walks one way again and again on the stand-in, each time with another call of the driver failing.
 */
final class FaultWalk {
  /**
   * Not out of memory, nor a code that means the device is lost; but one that a copy may answer.
   */
  static final int REFUSED = CUresult.CUDA_ERROR_INVALID_VALUE;

  /** One after which a device can't be used any more. */
  static final int LOST = CUresult.CUDA_ERROR_LAUNCH_FAILED;

  /** One that means nothing to anybody. */
  static final int UNKNOWN = CUresult.CUDA_ERROR_UNKNOWN;

  /** One way, walked with one call failing; it sees that what failed is told, and made good. */
  interface Way {
    void walk() throws Exception;
  }

  /** A part of a way. */
  interface Step<T> {
    T run();
  }

  private final int code;

  /**
   * @param code what the call that fails answers
   */
  FaultWalk(int code) {
    this.code = code;
  }

  /** Walks a way until no call is left to fail; gives the names of those that did. */
  Set<String> withEachCallFailing(Way way) throws Exception {
    Set<String> failed = new TreeSet<>();
    for (int call = 1; call < 1000; call++) {
      int live = liveObjects();
      StandIn.failAt(call, code);
      way.walk();
      String name = StandIn.failedCallName();
      StandIn.failAt(0, 0);
      assertThat(liveObjects()).as("live objects after call %d, %s", call, name).isEqualTo(live);
      if (name.isEmpty()) {
        return failed;
      }
      failed.add(name);
    }
    throw new AssertionError("it never ends");
  }

  private static int liveObjects() {
    int count = 0;
    for (StandIn.Kind kind : StandIn.Kind.values()) {
      count += StandIn.live(kind);
    }
    return count;
  }

  /** Tries again what failed, as it must be told; it must work then. */
  <T> T twice(Step<T> step) {
    try {
      return step.run();
    } catch (RuntimeException e) {
      assertTold(e);
      return step.run();
    }
  }

  /** That a failure is the one that was made, with its code. */
  void assertTold(RuntimeException failure) {
    assertThat(StandIn.failedCallName()).as("what failed: %s", failure).isNotEmpty();
    assertThat(failure).hasMessageContaining("answered " + CUresult.stringFor(code));
    if (code == LOST) {
      assertThat(failure).isInstanceOf(DeviceLostException.class);
      assertThat(((DeviceLostException) failure).deviceCode()).isEqualTo(code);
    } else {
      assertThat(failure).isInstanceOf(KernelException.class);
      assertThat(((KernelException) failure).deviceCode()).hasValue(code);
    }
  }
}
