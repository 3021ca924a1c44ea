package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A driver that makes whoever allocates or frees a handshake wait: he is told in time, and nothing
 * is left when it goes on after all.
 */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class StuckHandshakeTest {
  /** The driver is waited for a second longer. */
  private static final Duration SHORT = Duration.ofMillis(1);

  private static Handshake allocate() {
    GpuMemory.use(0);
    return Handshake.allocate("k", SHORT);
  }

  private static void assertLate(ThrowingCallable call, String phase, String what) {
    assertThatThrownBy(call)
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("kernel 'k', " + phase + ": " + what)
        .hasMessageContaining("the driver has not answered for 1 s 2 ms")
        .hasCauseInstanceOf(TimeoutException.class);
  }

  private static void assertNotAllocated() {
    assertLate(StuckHandshakeTest::allocate, "adapt", "its handshake can't be allocated: ");
  }

  private static void assertNotFreed(Handshake handshake) {
    assertLate(handshake::close, "close", "its handshake can't be freed: ");
  }

  /** What they still do is done then; what is live is counted after each test. */
  private static void untilItsThreadsHaveEnded() {
    Patience.until(
        "its threads end",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("rkcp-cuda-k-handshake")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuCtxSetCurrent", "cuMemHostAlloc", "cuMemAlloc", "cuMemsetD8"})
  void isNotWaitedForLongerThanItsLimit(String function) {
    StandIn.stick(function);
    assertNotAllocated();
    StandIn.stick("");
    untilItsThreadsHaveEnded();
  }

  /** As a driver may do whatever kernel runs. */
  @Test
  void isNotWaitedForUntilAKernelEndsThatNeverDoes() {
    Handshake early = allocate();
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      wave.untilItGotOn();

      assertNotAllocated();
      assertNotFreed(early);
      assertNotFreed(early);

      wave.untilItGotOn();
    }
    early.close();
    early.close();
    untilItsThreadsHaveEnded();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuCtxSetCurrent", "cuMemFree", "cuMemFreeHost"})
  void isFreedOnceTheDriverGoesOn(String function) {
    Handshake handshake = allocate();
    StandIn.stick(function);
    assertNotFreed(handshake);
    StandIn.stick("");
    // Nobody has to close it again.
    untilItsThreadsHaveEnded();
    handshake.close();
  }

  @Test
  void isNotWaitedForByWhoeverIsInterrupted() {
    StandIn.stick("cuMemAlloc");
    Thread.currentThread().interrupt();
    assertThatThrownBy(StuckHandshakeTest::allocate)
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("its handshake can't be allocated: interrupted");
    assertThat(Thread.interrupted()).isTrue();
    StandIn.stick("");
    untilItsThreadsHaveEnded();
  }

  @Test
  void isFreedThoughWhoeverClosesItIsInterrupted() {
    Handshake handshake = allocate();
    StandIn.stick("cuMemFree");
    Thread.currentThread().interrupt();
    assertThatThrownBy(handshake::close)
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("its handshake can't be freed: interrupted");
    assertThat(Thread.interrupted()).isTrue();
    StandIn.stick("");
    untilItsThreadsHaveEnded();
  }

  @Test
  @Tag(OnStandIn.ANY_DRIVER)
  void asksForAContext() {
    JCudaDriver.cuCtxSetCurrent(new CUcontext());
    assertThatThrownBy(() -> Handshake.allocate("k", SHORT))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("kernel 'k', adapt: this thread has no current CUDA context");
  }

  @Test
  void isInTheCallersContextWhicheverIsCurrentLater() {
    GpuMemory.use(1);
    CUcontext callers = Driver.current();
    long before = StandIn.memoryUsed(1);
    Handshake handshake = Handshake.allocate("k", SHORT);
    assertThat(StandIn.memoryUsed(1)).isGreaterThan(before);
    assertThat(Driver.current()).isEqualTo(callers);

    GpuMemory.use(0);
    CUcontext other = Driver.current();
    handshake.close();
    assertThat(StandIn.memoryUsed(1)).isEqualTo(before);
    assertThat(Driver.current()).isEqualTo(other).isNotEqualTo(callers);
    untilItsThreadsHaveEnded();
  }
}
