package io.ringkernel.checkpoint.core;

import static java.util.Objects.requireNonNull;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads and changes the heads of kernels. */
final class Heads {
  private static final int READS_IN_FLIGHT = 16;

  /**
   * A head as it lies in the store.
   *
   * @param head its content; the initial one when there is none
   * @param version the storage's version; null when there is none
   */
  record Found(Head head, @Nullable String version) {}

  /**
   * What was found where a kernel's head belongs.
   *
   * @param head the initial one when there is none; null when it is damaged
   * @param version the storage's version; null when there is none
   * @param remains the kernel's commits that can still be read in one that is damaged
   * @param damage why it can't be read; null when it can be
   */
  record Inspected(
      @Nullable Head head,
      @Nullable String version,
      List<Head.Latest> remains,
      @Nullable HeadDamage damage) {
    private static Inspected damaged(
        StoredObject object, List<Head.Latest> remains, Throwable error) {
      return new Inspected(
          null, object.version(), remains, HeadDamage.damaged(object.name(), error));
    }

    private Found found() {
      if (damage != null) {
        throw damage.advised();
      }
      return new Found(requireNonNull(head, "it is whole"), version);
    }

    /** Whether nothing is left of it. */
    boolean isLost() {
      return head == null || version == null;
    }

    /** Those of its commits that can be read. */
    List<Head.Latest> commits() {
      return head == null ? remains : head.commits();
    }

    /** What is wrong with it for a kernel of which there are such commits. */
    @Nullable HeadDamage lacking(CommitNumbers numbers) {
      HeadDamage lacking = lacking(numbers.highest());
      if (lacking != null || head == null) {
        return lacking;
      }
      return numbers.areDoubled()
          ? HeadDamage.doubled(head.kernelId())
          : head.partial() ? HeadDamage.partial(head.kernelId()) : null;
    }

    /** What is wrong with it for a kernel of which there is something of so late a commit. */
    @Nullable HeadDamage lacking(long sequence) {
      if (head == null) {
        return damage;
      }
      if (version == null) {
        return HeadDamage.missing(head.kernelId());
      }
      return Long.compareUnsigned(head.sequence(), sequence) < 0
          ? HeadDamage.behind(head.kernelId(), head.sequence(), sequence)
          : null;
    }
  }

  /**
   * What was found under the name of a head.
   *
   * @param head null when it can't be read
   * @param finding why not; null when it can be
   */
  record Examined(String name, @Nullable Head head, @Nullable CheckpointException finding) {}

  private final CheckpointStorage storage;
  private final SmallObjects small;

  Heads(CheckpointStorage storage, SmallObjects small) {
    this.storage = storage;
    this.small = small;
  }

  /** The head of a kernel, also of one that has none. */
  Mono<Found> read(String kernelId) {
    return inspect(kernelId).map(Inspected::found);
  }

  /**
   * The same, written when there is none: nothing of a kernel lies in a store before its head does,
   * but for pins and objects. So where there is something else, and no head, it was lost.
   */
  Mono<Found> readOrBegin(String kernelId) {
    return read(kernelId)
        .flatMap(
            found ->
                found.version() != null
                    ? Mono.just(found)
                    : write(found, found.head())
                        .map(written -> new Found(found.head(), written.version())))
        .retryWhen(Again.afterRefusalOrLostAnswer());
  }

  /** What lies there, also of a damaged one; only what keeps from looking is an error. */
  Mono<Inspected> inspect(String kernelId) {
    String name = StoreNames.head(kernelId);
    return Mono.defer(() -> small.read(name, RecordKind.HEAD))
        .map(start -> inspected(kernelId, start))
        .onErrorResume(
            LimitExceededException.class,
            e -> storage.stat(name).map(object -> Inspected.damaged(object, List.of(), e)))
        .defaultIfEmpty(new Inspected(Head.initial(kernelId), null, List.of(), null));
  }

  private static Inspected inspected(String kernelId, SmallObjects.Start start) {
    try {
      Head head = Head.decode(start.bytes());
      if (!head.kernelId().equals(kernelId)) {
        throw new CorruptCheckpointException(
            0, "the head of kernel '" + kernelId + "' is of kernel '" + head.kernelId() + "'");
      }
      return new Inspected(head, start.object().version(), List.of(), null);
    } catch (CorruptCheckpointException e) {
      List<Head.Latest> remains =
          Head.salvage(start.bytes()).stream()
              .filter(commit -> commit.entry().isOf(kernelId))
              .toList();
      return Inspected.damaged(start.object(), remains, e);
    }
  }

  /** Changes a head if it is still as it was found. */
  Mono<StoredObject> write(Found found, Head next) {
    return Mono.defer(
        () -> small.write(StoreNames.head(next.kernelId()), next.encode(), found.version()));
  }

  /** All heads that can be read, in no particular order. */
  Flux<Head> all() {
    return FirstFailure.of(
        storage.list(StoreNames.HEADS),
        object -> decoded(object.name()).onErrorComplete(Failures::isUnreadable),
        READS_IN_FLIGHT);
  }

  /** All heads, in no particular order; one that can't be read is an error that names it. */
  Flux<Head> allOrNone() {
    return FirstFailure.of(
        storage.list(StoreNames.HEADS),
        object ->
            decoded(object.name())
                .onErrorMap(Failures::isUnusable, e -> HeadDamage.endsCollection(object.name(), e)),
        READS_IN_FLIGHT);
  }

  /** All that lies where heads do, in no particular order. */
  Flux<Examined> examined() {
    return storage
        .list(StoreNames.HEADS)
        .flatMap(
            object ->
                decoded(object.name())
                    .map(head -> new Examined(object.name(), head, null))
                    .onErrorResume(
                        Failures::isUnreadable,
                        e -> Mono.just(new Examined(object.name(), null, (CheckpointException) e))),
            READS_IN_FLIGHT);
  }

  private Mono<Head> decoded(String name) {
    return small
        .read(name, RecordKind.HEAD)
        .map(
            start -> {
              Head head = Head.decode(start.bytes());
              if (!StoreNames.head(head.kernelId()).equals(name)) {
                throw new CorruptCheckpointException(
                    0, "it is the head of kernel '" + head.kernelId() + "', of another name");
              }
              return head;
            })
        .onErrorMap(HeadDamage::is, e -> HeadDamage.damaged(name, e).advised());
  }

  /**
   * Refuses every write of a kernel's head that is based on what was there until now. No commit is
   * based on there being none.
   */
  Mono<Void> fence(String kernelId) {
    return read(kernelId)
        .filter(found -> found.version() != null)
        .flatMap(found -> write(found, found.head().fenced()))
        .then()
        .retryWhen(Again.afterRefusal());
  }
}
