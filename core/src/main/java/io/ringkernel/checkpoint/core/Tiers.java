package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.StandingKernelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The far tier of a {@link Checkpointer}, and the copies on their way to it. Failures are also
 * reported in the notes of the kernel's next {@link SaveReceipt}s, even if nobody listens to {@link
 * #receipts}.
 */
public final class Tiers {
  private final Engine near;
  private final Checkpointer far;
  private final TieredStorage options;
  private final FarBacklog backlog;
  private final FarCopies copies;
  private final NearestReads reads;

  /**
   * @param near the near tier
   * @param far the far one, which stays the caller's
   */
  Tiers(Engine near, Checkpointer far, TieredStorage options) {
    this.near = near;
    this.far = far;
    this.options = options;
    this.backlog = new FarBacklog(options.backlog());
    this.copies = new FarCopies(near, far.engine(), options, backlog);
    this.reads = new NearestReads(near, far.engine(), copies);
    copies.start();
  }

  /**
   * The far tier by itself: to prune and collect it by its own rules, and to delete, tag and verify
   * there. It is closed with the checkpointer that this belongs to; closing it by itself does
   * nothing.
   */
  public Checkpointer far() {
    return far;
  }

  /**
   * What becomes of every checkpoint and group on its way to the far tier, from the subscription
   * on. It completes when the checkpointer is closed.
   *
   * <p>A listener is called on a thread that copies nothing, and may block: neither copies nor
   * saves wait for it. The newest 1024 receipts that it hasn't taken are kept for it; older ones
   * are dropped. A receipt may come a little after {@link #settled} has ended.
   */
  public Flux<FarReceipt> receipts() {
    return copies.receipts();
  }

  /**
   * Waits for one checkpoint to arrive in the far tier. Cancelling only ends the waiting.
   *
   * @param saved the receipt of its save
   * @return its last receipt; {@link CheckpointNotFoundException} when it is neither on its way nor
   *     there, {@link io.ringkernel.checkpoint.error.ClosedException} when the checkpointer is
   *     closed before it arrived
   */
  public Mono<FarReceipt> copied(SaveReceipt saved) {
    return Mono.defer(
        () -> {
          FarJob job = backlog.find(saved);
          return job != null ? job.result() : arrived(saved);
        });
  }

  private Mono<FarReceipt> arrived(SaveReceipt saved) {
    FarJob done = new FarCheckpoint(saved.kernelId(), saved.name(), saved.sequence(), false, false);
    return copies
        .tier()
        .flatMap(
            tier ->
                far.engine()
                    .resolver
                    .resolve(saved.name())
                    .onErrorComplete(CheckpointNotFoundException.class)
                    .ofType(Located.InObject.class)
                    .map(Located.InObject::entry)
                    .filter(
                        entry -> {
                          Origin origin = entry.origin();
                          return entry.isOf(saved.kernelId())
                              && origin != null
                              && origin.isFrom(tier)
                              && origin.sequence() == saved.sequence();
                        }))
        .map(entry -> done.receipt(Outcome.COPIED, Copier.present(saved.name(), entry), null))
        .switchIfEmpty(Mono.error(() -> missing(saved.name())));
  }

  /**
   * Waits for a group to arrive in the far tier, which it does after its members. Cancelling only
   * ends the waiting.
   *
   * @param saved the receipt of {@link Groups#save(String, List)}, or that of a {@link Groups#join}
   *     once the group has arrived
   * @return its last receipt; errors as with {@link #copied(SaveReceipt)}
   */
  public Mono<FarReceipt> copied(GroupReceipt saved) {
    return Mono.defer(
        () -> {
          FarJob job = backlog.find(saved);
          return job != null ? job.result() : arrived(saved);
        });
  }

  private Mono<FarReceipt> arrived(GroupReceipt saved) {
    FarJob done = new FarGroup(saved.group(), saved.name(), saved.cut(), members(saved));
    return far.engine()
        .resolver
        .resolve(saved.name())
        .onErrorComplete(CheckpointNotFoundException.class)
        .filter(done::isOf)
        .map(there -> done.receipt(Outcome.COPIED, null, null))
        .switchIfEmpty(Mono.error(() -> missing(saved.name())));
  }

  private static CheckpointNotFoundException missing(String name) {
    return new CheckpointNotFoundException(
        name, "it is not on its way to the far tier, and not there");
  }

  /**
   * Waits until nothing is left to be copied, or this is closed. A copy that fails does not make it
   * fail.
   */
  public Mono<Void> settled() {
    return Mono.defer(
            () -> {
              Mono<Void> change = backlog.nextChange();
              return backlog.isSettled() ? Mono.just(true) : change.then(Mono.<Boolean>empty());
            })
        .repeatWhenEmpty(Integer.MAX_VALUE, again -> again)
        .then();
  }

  /** How many checkpoints and groups wait for the far tier. */
  public int backlog() {
    return backlog.size();
  }

  /** Loads from the nearest tier that has it. */
  NearestReads reads() {
    return reads;
  }

  /** What a pruning of the near tier must leave: all, until the far tier's state is known. */
  Predicate<CheckpointInfo> waiting() {
    return backlog::mayHave;
  }

  /**
   * A save to the near tier: it waits for room first, if so asked, and its checkpoint is copied
   * when it is there.
   */
  Mono<SaveReceipt> saving(String kernelId, Mono<SaveReceipt> save) {
    return withRoom(
        Set.of(FarCheckpoint.lineOf(kernelId)),
        save.map(this::saved)
            .onErrorResume(
                StandingKernelException.class, standing -> failed(standing, standing.savedAs()))
            .onErrorResume(
                CommitStateUnknownException.class, unknown -> failed(unknown, unknown.name()))
            .doOnCancel(() -> copies.lookFor(kernelId)));
  }

  /**
   * The same of a group that is saved here; it waits for room for each of its kernels and itself.
   */
  Mono<GroupReceipt> saving(String group, Set<String> kernelIds, Mono<GroupReceipt> save) {
    Stream<String> kernels = kernelIds.stream().map(FarCheckpoint::lineOf);
    return withRoom(
        Stream.concat(kernels, Stream.of(FarGroup.lineOf(group))).collect(Collectors.toSet()),
        save.map(this::saved)
            .onErrorResume(
                CommitStateUnknownException.class, unknown -> failed(unknown, unknown.name()))
            .doOnCancel(() -> kernelIds.forEach(copies::lookFor)));
  }

  /** A save that failed, and whose checkpoint is there, or may be: what is there is copied. */
  private <T> Mono<T> failed(CheckpointException failure, String name) {
    return committed(name).onErrorComplete().then(Mono.error(failure));
  }

  private <T> Mono<T> withRoom(Set<String> lines, Mono<T> save) {
    if (options.overflow() != TieredStorage.Overflow.WAIT) {
      return save;
    }
    return Mono.defer(
            () -> {
              Mono<Void> change = backlog.nextChange();
              return backlog.reserve(lines)
                  ? save.doFinally(signal -> backlog.release(lines))
                  : change.then(Mono.<T>empty());
            })
        .repeatWhenEmpty(Integer.MAX_VALUE, again -> again);
  }

  /** One that was imported; its save waits for nothing, since nobody knew its kernel. */
  SaveReceipt imported(SaveReceipt receipt) {
    return saved(receipt, true);
  }

  private SaveReceipt saved(SaveReceipt receipt) {
    return saved(receipt, false);
  }

  private SaveReceipt saved(SaveReceipt receipt, boolean imported) {
    copies.add(
        List.of(
            new FarCheckpoint(
                receipt.kernelId(), receipt.name(), receipt.sequence(), imported, false)));
    List<String> told = backlog.notes(receipt.kernelId());
    if (told.isEmpty()) {
      return receipt;
    }
    List<String> notes = new ArrayList<>(receipt.notes());
    notes.addAll(told);
    return receipt.withNotes(notes);
  }

  /** A copy from another store. */
  Mono<CopyReceipt> received(CopyReceipt copy) {
    return committed(copy.name()).onErrorComplete(Failures::isUnusable).thenReturn(copy);
  }

  /** A checkpoint or a group of which only the name is told. */
  private Mono<Void> committed(String name) {
    return near.resolver.resolve(name).doOnNext(found -> add(name, found)).then();
  }

  private void add(String name, Located found) {
    if (found instanceof Located.InObject managed) {
      copies.add(List.of(FarCheckpoint.of(managed.entry().info(name), false)));
    } else if (found instanceof Located.Group group) {
      add(FarGroup.of(group.manifest().info(name)));
    }
  }

  /** A group's copy from another store. */
  GroupCopyReceipt received(GroupCopyReceipt copy) {
    GroupInfo group = copy.group();
    add(FarGroup.of(group));
    return copy;
  }

  /** The members are checkpoints of their own. */
  private GroupReceipt saved(GroupReceipt receipt) {
    add(new FarGroup(receipt.group(), receipt.name(), receipt.cut(), members(receipt)));
    return receipt.withNotes(member -> backlog.notes(member.metadata().kernelId()));
  }

  /** One that another process saved, which copies the group itself and knows all its members. */
  GroupReceipt joined(GroupReceipt receipt) {
    copies.add(jobs(members(receipt)).toList());
    return receipt;
  }

  private static List<CheckpointInfo> members(GroupReceipt receipt) {
    return receipt.members().stream().map(GroupReceipt.Member::checkpoint).toList();
  }

  private void add(FarGroup group) {
    copies.add(Stream.concat(jobs(group.members()), Stream.of(group)).toList());
  }

  private static Stream<FarJob> jobs(List<CheckpointInfo> members) {
    return members.stream().map(info -> FarCheckpoint.of(info, false));
  }

  /** How long the end may wait for copies. */
  Duration finishWithin() {
    return options.finishWithin();
  }

  /** Gives up the copies that are not done; idempotent. */
  void giveUp() {
    copies.close();
  }
}
