package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/** Opens checkpoints: from a name to content to a file that is the one the entry means. */
final class Opener {
  /** An entry that changes each time while it is being followed is not a race any more. */
  private static final int MOST_ATTEMPTS = 8;

  private final CheckpointStorage storage;
  private final ObjectReader reader;
  private final ReadSpeed speed;
  private final Resolver resolver;
  private final VerifiedFiles verified = new VerifiedFiles();

  /**
   * @param speed takes note of how fast reads are
   */
  Opener(CheckpointStorage storage, ObjectReader reader, ReadSpeed speed, Resolver resolver) {
    this.storage = storage;
    this.reader = reader;
    this.speed = speed;
    this.resolver = resolver;
  }

  /**
   * An opened checkpoint.
   *
   * @param located what it was found by
   * @param file its file
   */
  record Opened(Located located, CheckpointFile file) {}

  /** The bytes of a checkpoint, pinned to what is there now. */
  Mono<StoredContent> content(String name) {
    return byName(name, this::content);
  }

  /** A checkpoint's file, opened and checked to be the one that its entry means. */
  Mono<Opened> open(String name) {
    return byName(name, located -> open(located).map(file -> new Opened(located, file)));
  }

  /** The same with nothing taken from memory. */
  Mono<Opened> openAnew(String name) {
    return byName(name, located -> openAnew(located).map(file -> new Opened(located, file)));
  }

  /** The same for what was resolved already. */
  Mono<CheckpointFile> openAnew(Located located) {
    return content(located).flatMap(content -> openAnew(located, content));
  }

  private <T> Mono<T> byName(String name, Function<Located, Mono<T>> use) {
    return following(name, use, 1).onErrorMap(e -> Failures.named(name, e));
  }

  private <T> Mono<T> following(String name, Function<Located, Mono<T>> use, int attempt) {
    return resolver
        .resolve(name)
        .flatMap(
            located ->
                use.apply(located)
                    .onErrorResume(
                        CheckpointNotFoundException.class,
                        e -> follow(located, attempt).flatMap(next -> following(name, use, next))));
  }

  /**
   * An object that is not there was deleted with its entry between two reads, or is lost: the entry
   * tells which.
   *
   * @return the number of the next attempt
   */
  private Mono<Integer> follow(Located located, int attempt) {
    return resolver
        .resolve(located.name())
        .flatMap(
            now ->
                now.equals(located) || attempt == MOST_ATTEMPTS
                    ? Mono.error(lost(located))
                    : Mono.just(attempt + 1));
  }

  /** What is said when a name is there and what it stands for is not. */
  static CheckpointNotFoundException lost(Located located) {
    return located instanceof Located.InObject managed
        ? new CheckpointNotFoundException(
            located.name(),
            "its object "
                + managed.entry().file().objectId()
                + " is not in the store: what is left is an entry that leads nowhere; put the object back"
                + " from a copy or a backup, or delete the entry")
        : new CheckpointNotFoundException(located.name());
  }

  /** The bytes that a name was resolved to. */
  Mono<StoredContent> content(Located located) {
    if (located instanceof Located.Group group) {
      return Mono.error(group.refusal());
    }
    if (located instanceof Located.InObject managed) {
      return reader.content(managed.entry().file().objectId());
    }
    Slot.Bare bare = ((Located.InPlace) located).file();
    return Mono.just(StoredContent.of(storage, bare.object(), bare.start(), speed));
  }

  /** The file that a name was resolved to; a version 1 file may have been verified earlier. */
  Mono<CheckpointFile> open(Located located) {
    return content(located)
        .flatMap(
            content -> {
              CheckpointFile known = verified.get(content.object());
              return known != null
                  ? Mono.just(known)
                  : openAnew(located, content)
                      .doOnNext(file -> verified.add(content.object(), file));
            });
  }

  private Mono<CheckpointFile> openAnew(Located located, StoredContent content) {
    return located instanceof Located.InObject managed
        ? reader.open(content, managed.entry().file())
        : reader.open(content);
  }
}
