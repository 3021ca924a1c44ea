package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Mono;

/**
 * Commits groups: each by its manifest, under a pin of all that it refers to.
 *
 * @param pins keep the members' objects until the manifest does
 * @param heads the kernels' heads
 * @param slots what lies under names
 */
record GroupCommits(Pins pins, Heads heads, Slots slots) {
  /**
   * Commits a group whose members are all there; a member that was removed since, by whomever,
   * makes it fail.
   *
   * @param begun is handed the commit before it is asked for, to know later what became of it
   */
  Mono<Void> commit(
      String name, GroupManifest manifest, boolean onlyIfAbsent, Consumer<GroupCommit> begun) {
    return pins.hold(
        new Pins.Wanted(null, null, List.copyOf(manifest.objects()), null, name),
        pin ->
            pin.isReferable()
                ? commit(new GroupCommit(heads, slots, name, onlyIfAbsent, manifest, pin), begun)
                : Mono.error(removed(manifest)));
  }

  private static Mono<Void> commit(GroupCommit commit, Consumer<GroupCommit> begun) {
    begun.accept(commit);
    return commit.run();
  }

  private static GroupException removed(GroupManifest manifest) {
    return new GroupException(
        manifest.group(),
        null,
        "a member's checkpoint was removed before the group was committed; do it again",
        null);
  }
}
