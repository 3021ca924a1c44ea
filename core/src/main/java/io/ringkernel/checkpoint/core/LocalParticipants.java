package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Makes kernels of this process take part in cuts. */
final class LocalParticipants {
  private final Saver saver;
  private final Deleter deleter;
  private final Resolver resolver;
  private final StallGuard stalls;
  private final @Nullable StallBudget stallBudget;
  private final Duration captureTimeout;
  private final Scheduler timer;

  /**
   * @param saver saves them; it waits for a capture as long as the cut does
   * @param deleter removes those of a group that failed
   * @param resolver finds what was committed
   * @param stalls keeps the kernels within their budgets
   * @param stallBudget for a request that does not say
   * @param captureTimeout for each step of a kernel, for a request that does not say
   * @param timer counts it
   */
  LocalParticipants(
      Saver saver,
      Deleter deleter,
      Resolver resolver,
      StallGuard stalls,
      @Nullable StallBudget stallBudget,
      Duration captureTimeout,
      Scheduler timer) {
    this.saver = saver;
    this.deleter = deleter;
    this.resolver = resolver;
    this.stalls = stalls;
    this.stallBudget = stallBudget;
    this.captureTimeout = captureTimeout;
    this.timer = timer;
  }

  /** Refuses a group that names a kernel twice, those that join included, or has too many. */
  static void requireUsable(GroupRequest request, List<? extends QuiescableKernel> kernels) {
    Set<String> ids = new HashSet<>();
    kernels.forEach(kernel -> requireNew(request, ids, kernel.kernelId()));
    request.joining().forEach(id -> requireNew(request, ids, id));
    if (ids.isEmpty() || ids.size() > GroupManifest.MOST_MEMBERS) {
      throw new GroupException(
          request.group(),
          null,
          "a group has 1 to " + GroupManifest.MOST_MEMBERS + " kernels, not " + ids.size(),
          null);
    }
  }

  private static void requireNew(GroupRequest request, Set<String> ids, String kernelId) {
    if (!ids.add(kernelId)) {
      throw new GroupException(
          request.group(), kernelId, "it is in the group twice; name each kernel once", null);
    }
  }

  /** How long each step of each kernel may take. */
  Duration timeout(GroupRequest request) {
    return Deadline.countable(request.timeout().orElse(captureTimeout));
  }

  /** A kernel's part in a cut. */
  LocalParticipant of(GroupRequest request, QuiescableKernel kernel) {
    StallBudget own = request.stallBudget();
    return new LocalParticipant(
        kernel,
        new LocalParticipant.Means(
            (waiting, committing) -> saver.save(waiting, SaveRequest.defaults(), committing),
            this::committed,
            name -> deleter.delete(name).then(),
            stalls,
            own == null ? stallBudget : own,
            new KernelLimit(timeout(request), timer)));
  }

  private Mono<Entry> committed(SaveReceipt saved) {
    return resolver
        .resolve(saved.name())
        .ofType(Located.InObject.class)
        .map(Located.InObject::entry)
        .filter(entry -> entry.file().objectId().equals(saved.objectId()))
        .switchIfEmpty(
            Mono.error(
                () ->
                    new GroupException(
                        saved.name(), saved.kernelId(), "its checkpoint was replaced", null)));
  }
}
