package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * One kernel's part in a cut, in this process or another. Its steps are subscribed to in order,
 * each when all participants have done the one before it.
 */
interface Participant {
  /**
   * What became of a participant.
   *
   * @param name its checkpoint was saved under
   * @param entry of that checkpoint
   * @param stall how long the kernel stood still
   * @param notes what a person should know
   */
  record Saved(String name, Entry entry, Duration stall, List<String> notes) {
    GroupManifest.Member member() {
      return new GroupManifest.Member(name, entry);
    }

    GroupReceipt.Member receipt() {
      return new GroupReceipt.Member(entry.info(name), stall, notes);
    }
  }

  /** Which kernel. */
  String kernelId();

  /** Does all that can be done, and refused, before the kernel is stopped. */
  Mono<Void> ready();

  /** Stops the kernel; its logical time where it stands. */
  Mono<HlcTimestamp> quiesce();

  /** Captures it where it stands, stamped with the time of the cut. */
  Mono<Void> capture(HlcTimestamp cut);

  /** Lets it run on. */
  Mono<Void> resume();

  /** Its checkpoint, once it is committed and the kernel runs. */
  Mono<Saved> saved();

  /** Ends its part early, at any point: lets the kernel run on, drops what was captured. */
  Mono<Void> abort(Throwable reason);
}
