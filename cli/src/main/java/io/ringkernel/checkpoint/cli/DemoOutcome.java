package io.ringkernel.checkpoint.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a demo's processes.
 *
 * @param saved what they told of their saves, in order
 * @param restored what the second process went on from; null when none was killed
 * @param reached SHA-256 of the final state of the run that was killed and restored
 * @param uninterrupted SHA-256 of the final state of the run that was left alone
 */
record DemoOutcome(
    List<DemoEvent.Saved> saved,
    DemoEvent.@Nullable Restored restored,
    String reached,
    String uninterrupted) {
  /** Whether the kill left no trace in the state. */
  boolean isIdentical() {
    return reached.equals(uninterrupted) && reached.length() == 64;
  }
}
