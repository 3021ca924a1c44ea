package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Saves: claims if it is a kernel, pins, writes the object and commits. */
final class Saver {
  /**
   * What one save has to do with the storage.
   *
   * @param storage where objects and names are
   * @param heads the kernels' heads
   * @param slots what lies under names
   * @param claims the kernels that are claimed
   * @param pins keep collectors off what is being written
   * @param ids for objects and nonces
   */
  record Store(
      CheckpointStorage storage,
      Heads heads,
      Slots slots,
      Claims claims,
      Pins pins,
      RandomIds ids) {}

  /** An object that was written, and how its state was come by. */
  private record Written(
      StoredFile file, CheckpointMetadata metadata, Duration stall, List<String> notes) {}

  private final Store store;
  private final ObjectWriter objects;
  private final Opener opener;
  private final Duration captureTimeout;
  private final Scheduler timer;
  private final Clock clock;

  Saver(
      Store store,
      ObjectWriter objects,
      Opener opener,
      Duration captureTimeout,
      Scheduler timer,
      Clock clock) {
    this.store = store;
    this.objects = objects;
    this.opener = opener;
    this.captureTimeout = captureTimeout;
    this.timer = timer;
    this.clock = clock;
  }

  /** Captures and saves a kernel, which is claimed first. */
  Mono<SaveReceipt> save(CheckpointableKernel kernel, SaveRequest request) {
    return save(
        request,
        Mono.fromSupplier(kernel::kernelId),
        id -> store.claims().claim(id),
        store.ids().next(),
        id -> capture(kernel, id));
  }

  /** Saves a checkpoint that stays the caller's. */
  Mono<SaveReceipt> save(Checkpoint checkpoint, SaveRequest request) {
    return save(
        request,
        Mono.fromSupplier(() -> checkpoint.metadata().kernelId()),
        id -> store.claims().held(id),
        store.ids().next(),
        id -> encode(checkpoint, id).map(written -> written.apply(Duration.ZERO)));
  }

  /** Saves a file as it is, verified first. */
  Mono<SaveReceipt> save(ChunkContent content, SaveRequest request) {
    return Mono.defer(
        () -> {
          request.name().ifPresent(StoreNames::requireUserName);
          return opener
              .verified(content)
              .doOnNext(Saver::requireAlone)
              .flatMap(file -> save(content, file, request));
        });
  }

  private Mono<SaveReceipt> save(ChunkContent content, CheckpointFile file, SaveRequest request) {
    return save(
        request,
        Mono.fromSupplier(() -> file.metadata().kernelId()),
        id -> store.claims().held(id),
        freeId(file.objectId()),
        id -> copy(content, file, id));
  }

  private static void requireAlone(CheckpointFile file) {
    if (!file.ancestors().isEmpty()) {
      throw new BaseMismatchException(
          file.ancestors().get(0).id().hex(),
          "the file refers to blocks in this object and can't be stored alone; copy it as a full"
              + " one: load it and save the checkpoint",
          null);
    }
  }

  /** A file keeps its id, but for a second copy in one store: an object belongs to one entry. */
  private Mono<ObjectId> freeId(@Nullable ObjectId own) {
    return own == null
        ? store.ids().next()
        : store
            .storage()
            .exists(StoreNames.object(own))
            .flatMap(taken -> taken ? store.ids().next() : Mono.just(own));
  }

  /** The course of every save; what is written and by which right differs. */
  private Mono<SaveReceipt> save(
      SaveRequest request,
      Mono<String> kernelId,
      Function<String, Mono<Claims.Claim>> claiming,
      Mono<ObjectId> newId,
      Function<ObjectId, Mono<Written>> write) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          request.name().ifPresent(StoreNames::requireUserName);
          return kernelId
              .flatMap(
                  kernel ->
                      optional(claiming.apply(kernel))
                          .flatMap(
                              claim ->
                                  look(kernel, claim, request)
                                      .then(attempt(kernel, request, claim, newId, write))))
              .map(saved -> saved.receipt(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  private static <T> Mono<Optional<T>> optional(Mono<T> value) {
    return value.map(Optional::of).defaultIfEmpty(Optional.empty());
  }

  /** Fails what is bound to fail before a kernel is stopped and its state written. */
  private Mono<Void> look(String kernelId, Optional<Claims.Claim> claim, SaveRequest request) {
    Mono<Void> current =
        Mono.justOrEmpty(claim)
            .flatMap(
                mine ->
                    store
                        .heads()
                        .read(kernelId)
                        .doOnNext(found -> mine.requireCurrent(found.head())))
            .then();
    Mono<Void> free =
        Mono.justOrEmpty(request.name().filter(name -> request.isOnlyIfAbsent()))
            .flatMap(
                name ->
                    store
                        .storage()
                        .exists(name)
                        .flatMap(
                            taken ->
                                taken
                                    ? Mono.error(new AlreadyExistsException(name))
                                    : Mono.empty()));
    return current.then(free);
  }

  private Mono<Saved> attempt(
      String kernelId,
      SaveRequest request,
      Optional<Claims.Claim> claim,
      Mono<ObjectId> newId,
      Function<ObjectId, Mono<Written>> write) {
    return Mono.usingWhen(
        newId.zipWith(store.ids().next(), Attempt::new),
        attempt ->
            store
                .pins()
                .hold(
                    Pins.Wanted.of(kernelId, attempt.id, null),
                    pin ->
                        write
                            .apply(attempt.id)
                            .flatMap(
                                written ->
                                    commit(attempt, written, claim.orElse(null), pin, request))),
        attempt -> Mono.empty(),
        (attempt, error) -> abandon(attempt),
        this::abandon);
  }

  /**
   * Nobody else can refer to the object of a save that was not committed for certain, so it goes at
   * once; what this misses is a collector's.
   */
  private Mono<Void> abandon(Attempt attempt) {
    Commit commit = attempt.commit;
    return commit != null && commit.mayHaveHappened()
        ? Mono.empty()
        : store.storage().delete(StoreNames.object(attempt.id)).then().onErrorComplete();
  }

  private Mono<Saved> commit(
      Attempt attempt,
      Written written,
      Claims.@Nullable Claim claim,
      Pin pin,
      SaveRequest request) {
    CheckpointMetadata metadata = written.metadata();
    String name =
        request
            .name()
            .orElseGet(() -> StoreNames.made(metadata.kernelId(), metadata.step(), attempt.id));
    Commit commit =
        new Commit(
            store.heads(),
            store.slots(),
            new Commit.Draft(name, request.isOnlyIfAbsent(), written.file(), metadata, claim, pin),
            attempt.nonce);
    attempt.commit = commit;
    return commit.run().map(committed -> new Saved(name, written, committed));
  }

  private Mono<Written> capture(CheckpointableKernel kernel, ObjectId id) {
    return Mono.usingWhen(
            Mono.fromSupplier(() -> new Capture(kernel)),
            capture ->
                capture
                    .take(captureTimeout, timer)
                    .flatMap(checkpoint -> encode(checkpoint, id))
                    .map(written -> new CapturedWrite(capture, written)),
            Saver::closed,
            (capture, error) -> closed(capture),
            Saver::closed)
        // Only now, when it is closed, is the stall of a straight capture known.
        .map(done -> done.written().apply(done.capture().stall()));
  }

  private record CapturedWrite(Capture capture, Function<Duration, Written> written) {}

  private static Mono<Void> closed(Capture capture) {
    return Mono.fromRunnable(capture::close);
  }

  private Mono<Function<Duration, Written>> encode(Checkpoint checkpoint, ObjectId id) {
    CheckpointMetadata metadata = stamped(checkpoint.metadata());
    List<String> notes = checkpoint.capture().map(CaptureReport::notes).orElse(List.of());
    return objects
        .write(id, checkpoint, metadata.createdAtMicros())
        .map(file -> stall -> new Written(file, metadata, stall, notes));
  }

  /** Entry and file must tell the same time, so it is decided here. */
  private CheckpointMetadata stamped(CheckpointMetadata metadata) {
    return metadata.createdAtMicros() != 0
        ? metadata
        : metadata.toBuilder()
            .createdAtMicros(ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()))
            .build();
  }

  private Mono<Written> copy(ChunkContent content, CheckpointFile file, ObjectId id) {
    return objects
        .copy(id, content, file)
        .flatMap(stored -> opener.requireReadable(stored).thenReturn(stored))
        .map(stored -> new Written(stored, file.metadata(), Duration.ZERO, List.of()));
  }

  /** What must be cleaned up when a save ends early. */
  private static final class Attempt {
    final ObjectId id;
    final ObjectId nonce;
    volatile @Nullable Commit commit;

    Attempt(ObjectId id, ObjectId nonce) {
      this.id = id;
      this.nonce = nonce;
    }
  }

  private record Saved(String name, Written written, Commit.Committed committed) {
    SaveReceipt receipt(Duration duration) {
      StoredFile file = written.file();
      List<String> notes = new ArrayList<>(written.notes());
      notes.addAll(committed.notes());
      return new SaveReceipt(
          name,
          file.objectId(),
          file.kind(),
          file.formatVersion(),
          written.metadata().kernelId(),
          written.metadata().step(),
          committed.entry().mark().sequence(),
          file.stateSize(),
          file.stateSize(),
          file.fileSize(),
          written.stall(),
          duration,
          file.codec(),
          notes);
    }
  }
}
