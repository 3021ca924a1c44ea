package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.StandingKernelException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The course of every save: looks before a kernel is stopped, plans what to save against, writes
 * the object under a pin, and commits. What is saved is a {@link SaveSource}.
 */
final class Saver {
  private final SaveTools tools;
  private final Heads heads;
  private final Slots slots;
  private final Pins pins;
  private final BaseIndexes indexes;
  private final SpaceReserve reserve;
  private final FirstCommit firstCommit;

  Saver(
      SaveTools tools,
      Heads heads,
      Slots slots,
      Pins pins,
      BaseIndexes indexes,
      SpaceReserve reserve) {
    this.tools = tools;
    this.heads = heads;
    this.slots = slots;
    this.pins = pins;
    this.indexes = indexes;
    this.reserve = reserve;
    this.firstCommit = new FirstCommit(tools.storage(), heads, slots);
  }

  /** Captures and saves a kernel, which is claimed first. */
  Mono<SaveReceipt> save(CheckpointableKernel kernel, SaveRequest request) {
    return save(kernel, request, name -> {});
  }

  /**
   * The same.
   *
   * @param committing told the name just before it is committed; what it throws ends the save
   */
  Mono<SaveReceipt> save(
      CheckpointableKernel kernel, SaveRequest request, Consumer<String> committing) {
    return save(new KernelSource(tools, kernel, committing), request);
  }

  /** Saves a checkpoint that stays the caller's. */
  Mono<SaveReceipt> save(Checkpoint checkpoint, SaveRequest request) {
    return save(new CheckpointSource(tools, checkpoint), request);
  }

  /** Saves a file as it is, verified first. */
  Mono<SaveReceipt> save(ChunkContent content, SaveRequest request) {
    return Mono.defer(
        () -> {
          requireUsable(request);
          return tools
              .reader()
              .verified(content)
              .flatMap(file -> save(new FileSource(tools, content, file), request));
        });
  }

  /** A new attempt with each subscription. */
  Mono<SaveReceipt> save(SaveSource source, SaveRequest request) {
    return Mono.defer(
        () -> {
          long startedAt = System.nanoTime();
          requireUsable(request);
          return source
              .kernelId()
              .flatMap(
                  kernel ->
                      optional(source.claim(kernel))
                          .flatMap(
                              claim -> {
                                // Once for all who look at it before the commit does.
                                Mono<Head> head = heads.read(kernel).map(Heads.Found::head).cache();
                                return look(kernel, head, claim, request)
                                    .then(plan(source, request, kernel, head))
                                    .flatMap(
                                        plan ->
                                            attempt(
                                                source, request, kernel, claim.orElse(null), plan));
                              }))
              .map(saved -> saved.told(Duration.ofNanos(System.nanoTime() - startedAt)));
        });
  }

  private static void requireUsable(SaveRequest request) {
    request.name().ifPresent(StoreNames::requireUserName);
    request.tags().forEach(Tags::require);
  }

  private static <T> Mono<Optional<T>> optional(Mono<T> value) {
    return value.map(Optional::of).defaultIfEmpty(Optional.empty());
  }

  /** Fails what is bound to fail before a kernel is stopped and its state written. */
  private Mono<Void> look(
      String kernelId, Mono<Head> head, Optional<Claims.Claim> claim, SaveRequest request) {
    Mono<Void> current =
        Mono.justOrEmpty(claim).flatMap(mine -> head.doOnNext(mine::requireCurrent)).then();
    Mono<Void> usable =
        request
            .name()
            .map(name -> slots.requireUsable(name, request.isOnlyIfAbsent()))
            .orElseGet(() -> slots.folders().requireWay(StoreNames.madePrefix(kernelId)));
    return current.then(usable);
  }

  private static Mono<BasePlan> plan(
      SaveSource source, SaveRequest request, String kernelId, Mono<Head> head) {
    // A savepoint of a file is what the file is: importing changes no byte of it.
    boolean full = request.isSavepoint() && !source.isImported();
    return source.plan(full ? request.base(BaseChoice.full()) : request, kernelId, head);
  }

  private Mono<Saved> attempt(
      SaveSource source,
      SaveRequest request,
      String kernelId,
      Claims.@Nullable Claim claim,
      BasePlan plan) {
    return Mono.usingWhen(
        source
            .newId()
            .zipWith(
                tools.ids().next(),
                (id, nonce) -> new Attempt(id, nonce, source.isImported(), plan)),
        attempt ->
            pins.hold(
                attempt.wanted(kernelId),
                pin -> {
                  attempt.plan = source.checked(attempt.plan, pin.isReferable());
                  return source
                      .write(attempt.id, attempt.plan)
                      .flatMap(written -> commit(attempt, source, written, claim, pin, request));
                }),
        attempt -> Mono.empty(),
        (attempt, error) -> abandon(source, attempt),
        attempt -> abandon(source, attempt));
  }

  /**
   * Nobody else can refer to the object of a save that was not committed for certain, so it goes at
   * once; what this misses is a collector's.
   */
  private Mono<Void> abandon(SaveSource source, Attempt attempt) {
    Commit commit = attempt.commit;
    if (commit != null && commit.mayHaveHappened()) {
      return Mono.empty();
    }
    Mono<Void> withdrawn = commit == null ? Mono.empty() : commit.withdraw();
    return source.owns(attempt.id)
        ? slots
            .removals()
            .of(
                tools
                    .storage()
                    .delete(StoreNames.object(attempt.id))
                    .onErrorComplete()
                    .then(withdrawn))
        : withdrawn;
  }

  private Mono<Saved> commit(
      Attempt attempt,
      SaveSource source,
      Written written,
      Claims.@Nullable Claim claim,
      Pin pin,
      SaveRequest request) {
    String name =
        request
            .name()
            .orElseGet(
                () ->
                    StoreNames.made(
                        written.metadata().kernelId(), written.metadata().step(), attempt.id));
    Commit commit =
        new Commit(
            heads,
            slots,
            new Commit.Draft(
                name,
                request,
                written.file(),
                written.metadata(),
                attempt.imported,
                claim,
                pin,
                source.origin()),
            attempt.nonce);
    source.committing(name);
    attempt.commit = commit;
    return commit
        .run()
        .flatMap(
            committed ->
                remember(written)
                    .then(committed.isFirst() ? begun(name, committed) : Mono.just(committed))
                    .map(told -> new Saved(name, attempt.plan, written, told)));
  }

  /** The kernel is saved from here on, unless it was before. */
  private Mono<Commit.Committed> begun(String name, Commit.Committed committed) {
    return reserve
        .keep()
        .then(firstCommit.note(name, committed.entry()))
        .map(committed::withNote)
        .defaultIfEmpty(committed);
  }

  /** The next save will most likely be compared with this one. */
  private Mono<Void> remember(Written written) {
    return Mono.justOrEmpty(written.object().index()).flatMap(indexes::add);
  }

  /**
   * One attempt. Before its object's first byte is written, the objects are known that it may refer
   * to: {@link BasePlan#references}, beside {@link #id}.
   */
  private static final class Attempt {
    final ObjectId id;
    final ObjectId nonce;
    final boolean imported;
    BasePlan plan;
    volatile @Nullable Commit commit;

    Attempt(ObjectId id, ObjectId nonce, boolean imported, BasePlan plan) {
      this.id = id;
      this.nonce = nonce;
      this.imported = imported;
      this.plan = plan;
    }

    Pins.Wanted wanted(String kernelId) {
      return new Pins.Wanted(kernelId, id, plan.references(), plan.baseName(), null);
    }
  }

  private record Saved(String name, BasePlan plan, Written written, Commit.Committed committed) {
    /** The receipt; an error, once it is committed, when the kernel stands still. */
    SaveReceipt told(Duration duration) {
      Throwable standing = written.standing();
      if (standing != null) {
        throw new StandingKernelException(written.metadata().kernelId(), name, standing);
      }
      return receipt(duration);
    }

    private SaveReceipt receipt(Duration duration) {
      StoredFile file = written.file();
      boolean full = file.kind() == CheckpointKind.FULL;
      List<String> notes = new ArrayList<>(written.notes());
      notes.addAll(plan.notes());
      notes.addAll(committed.notes());
      return new SaveReceipt(
          name,
          file.objectId(),
          file.kind(),
          full ? null : plan.baseId(),
          file.formatVersion(),
          written.metadata().kernelId(),
          written.metadata().step(),
          committed.entry().mark().sequence(),
          file.stateSize(),
          full ? file.stateSize() : written.object().changed(),
          file.fileSize(),
          written.stall(),
          duration,
          file.codec(),
          notes);
    }
  }
}
