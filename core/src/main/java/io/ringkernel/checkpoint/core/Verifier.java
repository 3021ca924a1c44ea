package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Looks whether checkpoints are as they were written. */
final class Verifier {
  private final Resolver resolver;
  private final Opener opener;
  private final Loader loader;
  private final SharedDamage sharedDamage;

  Verifier(Resolver resolver, Opener opener, Loader loader, SharedDamage sharedDamage) {
    this.sharedDamage = sharedDamage;
    this.resolver = resolver;
    this.opener = opener;
    this.loader = loader;
  }

  /** What is found; only what keeps from looking is an error. */
  Mono<VerifyReport> verify(String name, VerifyDepth depth) {
    return resolver
        .resolve(name)
        .map(
            located ->
                located instanceof Located.Group group ? check(group, depth) : check(name, depth))
        .onErrorResume(
            e -> Failures.isUnusable(e) && !(e instanceof CheckpointNotFoundException),
            e -> Mono.just(Mono.error(e)))
        .flatMap(
            check ->
                check
                    .thenReturn(new VerifyReport(name, depth, null))
                    .onErrorResume(
                        e -> Failures.isUnusable(e) || e instanceof GroupException,
                        e -> Mono.just(new VerifyReport(name, depth, (CheckpointException) e))));
  }

  private Mono<Void> check(String name, VerifyDepth depth) {
    return opener.openAnew(name).flatMap(opened -> check(opened, depth));
  }

  /** The members as the group holds them, whatever is under their names now. */
  private Mono<Void> check(Located.Group group, VerifyDepth depth) {
    return Flux.fromIterable(group.manifest().members())
        .concatMap(
            member ->
                opener
                    .openAnew(member.located())
                    .flatMap(file -> check(new Opener.Opened(member.located(), file), depth))
                    .onErrorMap(
                        Failures::isUnusable,
                        e ->
                            new GroupException(
                                group.name(),
                                member.kernelId(),
                                "it is damaged: " + e.getMessage(),
                                e)),
            1)
        .then();
  }

  /** The object first: what an entry tells is compared with an object that is whole. */
  private Mono<Void> check(Opener.Opened opened, VerifyDepth depth) {
    return content(opened, depth)
        .onErrorResume(Failures::isUnusable, e -> sharedDamage.told(opened, e))
        .then(
            Mono.fromRunnable(
                () -> {
                  if (opened.located() instanceof Located.InObject managed) {
                    EntryCheck.requireSame(managed.entry(), opened.file());
                  }
                }))
        .onErrorMap(e -> Failures.named(opened.located().name(), e))
        .then();
  }

  private Mono<Void> content(Opener.Opened opened, VerifyDepth depth) {
    CheckpointFile file = opened.file();
    if (file.header().version() == 1) {
      // Opening it verified all of it; a delta is nothing without its base.
      return loader.checkpoint(opened, null).doOnNext(Checkpoint::close).then();
    }
    return depth == VerifyDepth.FULL
        ? file.verifyAll()
        : file.verifyIndex().then(file.verifyAncestors());
  }
}
