package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Finds groups and restores them, whole or one member. */
final class GroupRestorer {
  private final Resolver resolver;
  private final Restorer restorer;
  private final GroupRestore.Means means;

  GroupRestorer(Resolver resolver, Restorer restorer, GroupRestore.Means means) {
    this.resolver = resolver;
    this.restorer = restorer;
    this.means = means;
  }

  /** What is known of a group. */
  Mono<GroupInfo> info(String name) {
    return group(name).map(group -> group.manifest().info(name));
  }

  /** Opens the file of one kernel's part. */
  Mono<CheckpointFile> open(String name, String kernelId) {
    return group(name)
        .flatMap(group -> member(group, kernelId))
        .flatMap(member -> means.opener().open(member.located()));
  }

  private static Mono<GroupManifest.Member> member(Located.Group group, String kernelId) {
    return Flux.fromIterable(group.manifest().members())
        .filter(member -> member.kernelId().equals(kernelId))
        .next()
        .switchIfEmpty(
            Mono.error(
                () -> new GroupException(group.name(), kernelId, "it is no member of it", null)));
  }

  private Mono<Located.Group> group(String name) {
    return resolver
        .resolve(name)
        .map(
            located -> {
              if (located instanceof Located.Group group) {
                return group;
              }
              throw new GroupException(
                  name, null, "under this name is one checkpoint and no group; restore it", null);
            });
  }

  /** Restores one kernel from its part of a group. */
  Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return group(name)
        .flatMap(
            group -> {
              String wanted = options.fromKernel().orElseGet(kernel::kernelId);
              return member(group, wanted)
                  .flatMap(member -> restorer.restore(kernel, member.located(), options));
            });
  }

  /** Restores all members of a group. */
  Mono<GroupRestoreReceipt> restore(String name, List<? extends CheckpointableKernel> kernels) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          return group(name)
              .flatMap(
                  group ->
                      Mono.usingWhen(
                          Mono.fromSupplier(
                              () -> new GroupRestore(means, group, matched(group, kernels))),
                          GroupRestore::run,
                          attempt -> Mono.empty(),
                          (attempt, error) -> attempt.letGo().then(),
                          attempt -> attempt.letGo().then()))
              .map(done -> done.receipt(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  /** The members in the order of the kernels; refuses a kernel too few or too many. */
  private List<RestoringMember> matched(
      Located.Group group, List<? extends CheckpointableKernel> kernels) {
    List<GroupManifest.Member> left = new ArrayList<>(group.manifest().members());
    List<RestoringMember> parts = new ArrayList<>();
    for (CheckpointableKernel kernel : kernels) {
      GroupManifest.Member member =
          left.stream()
              .filter(one -> one.kernelId().equals(kernel.kernelId()))
              .findFirst()
              .orElseThrow(
                  () -> refused(group, kernel.kernelId(), "it is no member, or given twice", null));
      left.remove(member);
      if (!member.entry().metadata().kernelType().equals(kernel.kernelType())) {
        throw refused(
            group,
            kernel.kernelId(),
            "it is of type '"
                + kernel.kernelType()
                + "', its checkpoint of type '"
                + member.entry().metadata().kernelType()
                + "'",
            null);
      }
      parts.add(new RestoringMember(GroupSaver.quiescable(group.name(), kernel), member));
    }
    if (!left.isEmpty()) {
      String missing = left.get(0).kernelId();
      throw refused(
          group, missing, "it is a member and not given; restore members alone if you must", null);
    }
    return parts;
  }

  private static GroupException refused(
      Located.Group group, String kernelId, String reason, @Nullable Throwable cause) {
    return new GroupException(group.name(), kernelId, reason + "; no kernel was touched", cause);
  }
}
