package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a class on the driver stand-in, and holds every test to leaving nothing behind: as many live
 * objects as before it. The primary contexts are held open meanwhile, so that their end can't hide
 * a leak.
 *
 * <p>Tests with the tag {@link #ANY_DRIVER} ask nothing of the stand-in: tools/gpu-bundle runs them
 * on the driver of a machine that has a GPU.
 */
final class OnStandIn implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {
  /** What holds on whatever driver there is. */
  static final String ANY_DRIVER = "any-driver";

  private static final String SKIPPED =
      "SKIPPED, and so not shown on this machine: the CUDA adapter on the driver stand-in. There is"
          + " no gcc on the PATH to build it with";

  private final Map<StandIn.Kind, Integer> before = new EnumMap<>(StandIn.Kind.class);

  @Override
  public void beforeAll(ExtensionContext test) {
    if (StandIn.isWanted()) {
      if (!StandIn.canBeBuilt()) {
        System.err.println(SKIPPED);
      }
      Assumptions.assumeTrue(StandIn.canBeBuilt(), SKIPPED);
      StandIn.load();
    }
    GpuMemory.holdContexts();
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    if (!StandIn.isInUse()) {
      return;
    }
    reset();
    for (StandIn.Kind kind : StandIn.Kind.values()) {
      before.put(kind, StandIn.live(kind));
    }
  }

  @Override
  public void afterEach(ExtensionContext test) {
    if (!StandIn.isInUse()) {
      return;
    }
    reset();
    for (StandIn.Kind kind : StandIn.Kind.values()) {
      assertThat(StandIn.live(kind)).as("live objects: %s", kind).isEqualTo(before.get(kind));
    }
    assertThat(StandIn.pageableCopies()).as("copies through pageable memory").isZero();
  }

  private static void reset() {
    StandIn.failAt(0, 0);
    StandIn.hold(0);
    StandIn.deaf(0);
    StandIn.stick("");
    StandIn.occupancy(1);
    StandIn.memory(0, 256 << 20);
    StandIn.memory(1, 256 << 20);
  }
}
