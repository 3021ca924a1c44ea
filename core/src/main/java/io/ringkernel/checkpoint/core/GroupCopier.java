package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Copies groups from one store into another, or within one: the members as the checkpoints that
 * they are, then the manifest, which is the commit. It has the nonce that it has where it comes
 * from, which tells copies of one cut from all else, and quotes the members' entries as they are
 * where it is now.
 */
final class GroupCopier {
  private static final int READS_IN_FLIGHT = 16;

  private final Engine from;
  private final Engine to;

  GroupCopier(Engine from, Engine to) {
    this.from = from;
    this.to = to;
  }

  /**
   * One copy of one group.
   *
   * @param located what is copied
   * @param request how
   * @param name in the other store
   * @param startedAt by the clock of durations
   */
  private record Attempt(Located.Group located, CopyRequest request, String name, long startedAt) {
    GroupManifest manifest() {
      return located.manifest();
    }

    GroupCopyReceipt receipt(GroupManifest there, boolean changed, List<CopyReceipt> members) {
      Duration duration = Duration.ofNanos(System.nanoTime() - startedAt);
      return new GroupCopyReceipt(there.info(name), changed, members, duration);
    }

    GroupException failure(GroupManifest.Member member, String what, Throwable cause) {
      return new GroupException(located.name(), member.kernelId(), what, cause);
    }
  }

  /** Copies the members and then the group; a new attempt with each subscription. */
  Mono<GroupCopyReceipt> copy(String name, CopyRequest request) {
    return from.groupRestorer
        .group(name)
        .flatMap(
            group ->
                unlessThere(
                    group,
                    request,
                    attempt ->
                        free(attempt)
                            .thenMany(Flux.fromIterable(attempt.manifest().members()))
                            .concatMap(member -> copy(attempt, member), 1)
                            .collectList()));
  }

  /**
   * Copies a group whose members were copied one by one.
   *
   * @return the receipt; {@link GroupException} when one of them is not there
   */
  Mono<GroupCopyReceipt> follow(Located.Group group) {
    return unlessThere(group, CopyRequest.defaults(), attempt -> Mono.just(List.of()));
  }

  private Mono<GroupCopyReceipt> unlessThere(
      Located.Group group,
      CopyRequest request,
      Function<Attempt, Mono<List<CopyReceipt>>> members) {
    return Mono.defer(
        () -> {
          String name = StoreNames.requireUserName(request.name().orElse(group.name()));
          Attempt attempt = new Attempt(group, request, name, System.nanoTime());
          return there(attempt)
              .switchIfEmpty(
                  Mono.defer(
                      () -> members.apply(attempt).flatMap(copies -> commit(attempt, copies))))
              // Perhaps another copied the same, and was quicker.
              .onErrorResume(Failures::isRefusal, e -> there(attempt).switchIfEmpty(Mono.error(e)));
        });
  }

  /** The receipt when that very group is under its name already. */
  private Mono<GroupCopyReceipt> there(Attempt attempt) {
    return to.slots
        .read(attempt.name())
        .ofType(Slot.Group.class)
        .map(Slot.Group::manifest)
        .filter(present -> present.nonce().equals(attempt.manifest().nonce()))
        .filter(present -> !attempt.request().isFlattened() || present.isFlat())
        .map(present -> attempt.receipt(present, false, List.of()));
  }

  /** Fails what is bound to fail before anything is sent. */
  private Mono<Void> free(Attempt attempt) {
    List<String> members =
        attempt.manifest().members().stream().map(GroupManifest.Member::name).toList();
    List<String> all = Stream.concat(Stream.of(attempt.name()), members.stream()).toList();
    return to.slots
        .requireUsable(attempt.name(), attempt.request().isOnlyIfAbsent())
        .then(to.slots.folders().requireApart(all))
        .thenMany(Flux.fromIterable(members))
        .concatMap(member -> to.slots.requireUsable(member, false), 1)
        .then();
  }

  /**
   * Copies a member as it is under its name. One that is not there any more is copied as the group
   * has it, and replaces nothing: something else may be under its name by now, here or there.
   */
  private Mono<CopyReceipt> copy(Attempt attempt, GroupManifest.Member member) {
    CopyRequest request = attempt.request().keepingName();
    return standing(from, member)
        .map(entry -> copy(member, entry, request))
        .defaultIfEmpty(copy(member, member.entry(), request.onlyIfAbsent()))
        .flatMap(copy -> copy)
        .onErrorMap(
            e -> e instanceof CheckpointException && !Failures.isOfStorage(e),
            e -> attempt.failure(member, "it can't be copied: " + e.getMessage(), e));
  }

  private Mono<CopyReceipt> copy(GroupManifest.Member member, Entry entry, CopyRequest request) {
    return Copier.between(from, to).copy(new Located.InObject(member.name(), entry), request);
  }

  /** A member's own checkpoint in a store, with its tags; empty when it is not there. */
  private static Mono<Entry> standing(Engine store, GroupManifest.Member member) {
    return store
        .resolver
        .resolve(member.name())
        .ofType(Located.InObject.class)
        .map(Located.InObject::entry)
        .filter(entry -> entry.isCopyOf(member.entry()))
        .onErrorComplete(Failures::isUnusable);
  }

  private Mono<GroupCopyReceipt> commit(Attempt attempt, List<CopyReceipt> copies) {
    return FirstFailure.inOrder(
            Flux.fromIterable(attempt.manifest().members()),
            member -> arrived(attempt, member),
            READS_IN_FLIGHT)
        .collectList()
        .map(attempt.manifest()::copiedWith)
        .flatMap(
            copy ->
                Mono.usingWhen(
                    Mono.fromSupplier(AtomicReference<GroupCommit>::new),
                    begun ->
                        to.groupCommits
                            .commit(
                                attempt.name(),
                                copy,
                                attempt.request().isOnlyIfAbsent(),
                                begun::set)
                            .then(Mono.fromSupplier(() -> attempt.receipt(copy, true, copies))),
                    begun -> Mono.empty(),
                    (begun, error) -> withdraw(begun.get()),
                    begun -> withdraw(begun.get())));
  }

  private Mono<GroupManifest.Member> arrived(Attempt attempt, GroupManifest.Member member) {
    return standing(to, member)
        .map(entry -> new GroupManifest.Member(member.name(), entry))
        .switchIfEmpty(
            Mono.error(
                () ->
                    attempt.failure(
                        member,
                        "its copy '" + member.name() + "' is not there, or was replaced",
                        new CheckpointNotFoundException(member.name()))));
  }

  private static Mono<Void> withdraw(@Nullable GroupCommit commit) {
    return commit == null || commit.mayHaveHappened() ? Mono.empty() : commit.withdraw();
  }
}
