package io.ringkernel.checkpoint;

import java.time.Duration;
import java.util.List;

/**
 * How a kernel's state was taken: what it cost the kernel.
 *
 * @param stall from the acknowledged quiesce to the resume. With {@link Mode#STRAIGHT}, up to the
 *     moment the capture was reported; the rest is added when the checkpoint is released
 * @param mode how the state was taken
 * @param notes what a person should know, for example that there was no room for a shadow copy
 */
public record CaptureReport(Duration stall, Mode mode, List<String> notes) {
  /** How state is taken. */
  public enum Mode {
    /** Copied aside while the kernel stood still; it runs again already. */
    SHADOW,
    /** Read from where it is; the kernel stands still until the checkpoint is closed. */
    STRAIGHT
  }

  /** Copies {@code notes}. */
  public CaptureReport {
    notes = List.copyOf(notes);
  }
}
