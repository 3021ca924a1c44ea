package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Tells of damage in an older object whose it is, and which checkpoints it concerns too: what reads
 * a file knows objects by their ids, people know checkpoints by their names. Entries are read when
 * something is wrong, and not before.
 */
final class SharedDamage {
  private static final int MOST_NAMED = 3;

  /** Whoever verifies all checkpoints upon a damaged object asks for each of them. */
  private static final Duration REMEMBERED = Duration.ofSeconds(30);

  /** What is wrong is told without names when it takes longer to find them. */
  private static final Duration MOST_WAITED = Duration.ofSeconds(5);

  private final Catalog catalog;
  private final Scheduler timer;
  private volatile @Nullable Users last;

  SharedDamage(Catalog catalog, Scheduler timer) {
    this.catalog = catalog;
    this.timer = timer;
  }

  /** What has an object: checkpoints as their own, or for some of their blocks, and groups. */
  private record Users(ObjectId object, List<String> own, List<String> upon, long askedAt) {
    void add(ListedCheckpoint listed) {
      if (listed instanceof GroupInfo group && group.members().stream().anyMatch(this::needs)) {
        upon.add(group.name());
      }
      if (listed instanceof CheckpointInfo info && needs(info)) {
        (object.equals(info.objectId()) ? own : upon).add(info.name());
      }
    }

    private boolean needs(CheckpointInfo info) {
      return object.equals(info.objectId()) || info.ancestors().contains(object);
    }
  }

  /**
   * The error that was met in reading a checkpoint, with names in it if it is about one of the
   * objects that the checkpoint refers to.
   */
  <T> Mono<T> told(Opener.Opened opened, Throwable error) {
    Optional<ObjectId> damaged =
        opened.file().ancestors().stream()
            .map(Ancestor::id)
            .filter(id -> isIn(id, error))
            .findFirst();
    return damaged.isEmpty()
        ? Mono.error(error)
        : users(damaged.get())
            .map(users -> told(error, words(users, opened.located().name())))
            .onErrorReturn(error)
            .flatMap(Mono::error);
  }

  private static boolean isIn(ObjectId object, Throwable error) {
    return error instanceof CorruptCheckpointException corrupt
        ? corrupt.ancestor().filter(object.hex()::equals).isPresent()
        : error instanceof BaseMismatchException mismatch && mismatch.base().equals(object.hex());
  }

  private static Throwable told(Throwable error, String words) {
    if (error instanceof CorruptCheckpointException) {
      return Failures.reworded(error, reason -> reason + words);
    }
    return error instanceof BaseMismatchException mismatch
        ? mismatch.reworded(mismatch.reason() + words)
        : error;
  }

  private Mono<Users> users(ObjectId object) {
    return Mono.defer(
        () -> {
          Users known = last;
          return known != null && known.object().equals(object) && isFresh(known)
              ? Mono.just(known)
              : listed(object)
                  .timeout(MOST_WAITED, timer)
                  // Nor does whoever comes next wait for them.
                  .onErrorResume(TimeoutException.class, e -> Mono.just(unknown(object)))
                  .doOnNext(users -> last = users);
        });
  }

  private Users unknown(ObjectId object) {
    return new Users(object, List.of(), List.of(), System.nanoTime());
  }

  private boolean isFresh(Users known) {
    return System.nanoTime() - known.askedAt() < REMEMBERED.toNanos();
  }

  private Mono<Users> listed(ObjectId object) {
    return catalog
        .list("")
        .collect(
            () -> new Users(object, new ArrayList<>(), new ArrayList<>(), System.nanoTime()),
            Users::add);
  }

  private static String words(Users users, String met) {
    if (users.own().isEmpty() && users.upon().isEmpty()) {
      return "";
    }
    List<String> others = users.upon().stream().filter(name -> !name.equals(met)).toList();
    String own =
        users.own().isEmpty()
            ? "; the checkpoint that this object was written for is not there"
            : "; this is the object of " + QuotedNames.of(users.own(), MOST_NAMED);
    return others.isEmpty()
        ? own
        : own + "; " + QuotedNames.of(others, MOST_NAMED) + " may need it, too";
  }
}
