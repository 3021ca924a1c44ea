package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The front door: saves kernels into a store and gets them back.
 *
 * <p>A save is all or nothing: it writes an immutable object, then commits by one conditional
 * write. A load at the same time gets the old checkpoint or the new one, whole. A save, import or
 * copy that ends with an error was not committed, unless the error is {@link
 * io.ringkernel.checkpoint.error.CommitStateUnknownException}, which names what to ask {@link
 * #info} for, or {@link io.ringkernel.checkpoint.error.ClosedException}.
 *
 * <p>Safe for any number of threads, and any number of processes on one store. {@link #save(
 * CheckpointableKernel)} and {@link #every} claim their kernel: from then on an earlier claimant,
 * in any process, gets {@link io.ringkernel.checkpoint.error.StaleWriterException} until it
 * restores the kernel again. Names within {@code .rkcp/} are the engine's own.
 *
 * <p><b>Results.</b> A {@code Mono} here gives its result or an error; only that of {@link #close}
 * is empty. For what is not there the error is {@link
 * io.ringkernel.checkpoint.error.CheckpointNotFoundException}; for the name of a group, where one
 * checkpoint is meant, {@link io.ringkernel.checkpoint.error.IsGroupException}. A listing may be
 * empty.
 *
 * <p><b>Threads.</b> No calling thread is blocked, so any thread may subscribe. Signals come on the
 * thread that did the last piece of the work: mostly one of the storage's few I/O threads, or a
 * thread of the codec, the timer or the kernel. A subscriber must not block there: a blocked I/O
 * thread serves nobody, and a {@code block()} on it may wait for itself for ever. A subscriber that
 * has to block, or computes for long, puts {@code publishOn(Schedulers.boundedElastic())} before
 * that.
 *
 * <p><b>Cancellation.</b> Work that is cancelled stops soon. What it held is released in the
 * background: buffers, the pin that kept objects, and a captured checkpoint, so that the kernel
 * runs on. For work that writes, the commit decides: if it is cancelled before, nothing is there;
 * if after, what was written stands, whole, and {@link #info} shows it. Objects that were stored
 * already are removed at once or left to {@link #collect}. Each method says what else applies.
 * {@link #close} ends work under way as a cancellation does, with {@link
 * io.ringkernel.checkpoint.error.ClosedException} for the subscriber.
 */
public final class Checkpointer {
  private final Stores stores;
  private final Groups groups;
  private final boolean closable;

  Checkpointer(CheckpointerBuilder built) {
    this(new Stores(built), true);
  }

  /**
   * @param closable whether {@link #close} ends it, and not whoever has made it
   */
  Checkpointer(Stores stores, boolean closable) {
    this.stores = stores;
    this.groups = new Groups(stores);
    this.closable = closable;
  }

  Stores stores() {
    return stores;
  }

  Engine engine() {
    return stores.near();
  }

  /**
   * Opens a store with the defaults.
   *
   * @param uri for example {@code "file:///var/lib/sim"}; the storage is found by its scheme
   * @return to be closed by the caller, which closes the storage too
   * @throws io.ringkernel.checkpoint.error.ProviderUnavailableException when no storage of this
   *     scheme is installed
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException when the URI is unusable
   */
  public static Checkpointer open(String uri) {
    return builder(uri).build();
  }

  /**
   * Starts from the defaults, on a storage that is opened by {@link CheckpointerBuilder#build} and
   * closed by {@link #close}.
   *
   * @param uri for example {@code "file:///var/lib/sim"}
   */
  public static CheckpointerBuilder builder(String uri) {
    return new CheckpointerBuilder(new Place.Named(uri));
  }

  /**
   * Starts from the defaults, on a storage that stays the caller's.
   *
   * @param storage used until {@link #close}, which leaves it open
   */
  public static CheckpointerBuilder builder(CheckpointStorage storage) {
    return new CheckpointerBuilder(new Place.Lent(storage));
  }

  /**
   * Starts from the defaults, on two stores. Saves go to the near one and are copied to the far one
   * in the background; loads and restores read from the nearest one that has the checkpoint.
   * Methods that change or remove checkpoints, and {@link #verify}, {@link #verifyHeads} and {@link
   * #journal}, work on the near one alone; {@link Tiers#far} has them for the far one. {@link
   * CheckpointerBuilder#build} begins to copy what an earlier process left.
   *
   * @param tiers where they are, and how copies are made
   */
  public static CheckpointerBuilder builder(TieredStorage tiers) {
    return new CheckpointerBuilder(tiers);
  }

  /** The far tier, and what is on its way to it; empty unless this was built on two stores. */
  public Optional<Tiers> tiers() {
    return stores.tiers();
  }

  /** Groups of kernels: captured at one cut, and restored together. */
  public Groups groups() {
    return groups;
  }

  /**
   * Captures a kernel and saves it under a new name.
   *
   * @param kernel what to save
   * @return the receipt, once committed
   * @see #save(CheckpointableKernel, SaveRequest)
   */
  public Mono<SaveReceipt> save(CheckpointableKernel kernel) {
    return save(kernel, SaveRequest.defaults());
  }

  /**
   * Captures a kernel, which is claimed for this checkpointer first, and saves it.
   *
   * @param kernel what to save; runs on as soon as it can
   * @param request where to, and on which condition
   * @return the receipt, once committed and the kernel runs on; {@link
   *     io.ringkernel.checkpoint.error.KernelException} when it could not be captured in time,
   *     {@link io.ringkernel.checkpoint.error.StaleWriterException} when another writer claimed the
   *     kernel, {@link io.ringkernel.checkpoint.error.StallBudgetException} when it stood still for
   *     longer than it may, {@link io.ringkernel.checkpoint.error.AlreadyExistsException} or {@link
   *     io.ringkernel.checkpoint.error.ChangedMeanwhileException} when the name can't be written,
   *     {@link io.ringkernel.checkpoint.error.CommitStateUnknownException} when it may have been
   *     committed, {@link io.ringkernel.checkpoint.error.StandingKernelException} when it is
   *     committed, but the kernel did not run on
   */
  public Mono<SaveReceipt> save(CheckpointableKernel kernel, SaveRequest request) {
    return stores.work(near -> saving(near, kernel, request));
  }

  private Mono<SaveReceipt> saving(Engine near, CheckpointableKernel kernel, SaveRequest request) {
    return stores.tiered(
        near.kernelSaver.save(kernel, request),
        (tiers, save) -> tiers.saving(kernel.kernelId(), save));
  }

  /**
   * Saves a checkpoint that the caller has, replacing what is there.
   *
   * @param name under which it is to be loaded
   * @param checkpoint stays the caller's, who closes it after this has ended
   * @return the receipt, once committed
   */
  public Mono<SaveReceipt> save(String name, Checkpoint checkpoint) {
    return save(checkpoint, SaveRequest.defaults().named(name));
  }

  /**
   * Saves a checkpoint that the caller has. This claims no kernel: any number of writers may save
   * checkpoints of one kernel in this way, unless another checkpointer claims the kernel.
   *
   * @param checkpoint stays the caller's, who closes it after this has ended
   * @param request where to, and on which condition
   * @return the receipt, once committed; errors as with {@link #save(CheckpointableKernel,
   *     SaveRequest)}
   */
  public Mono<SaveReceipt> save(Checkpoint checkpoint, SaveRequest request) {
    return stores.work(
        near ->
            stores.tiered(
                near.saver.save(checkpoint, request),
                (tiers, save) -> tiers.saving(checkpoint.metadata().kernelId(), save)));
  }

  /**
   * Saves a file as it is, byte for byte: for copies from another store, and files from elsewhere.
   * Every byte is verified before the first is stored.
   *
   * <p>For a whole-chunk delta of version 1 the base is recorded, so that it is kept and found at
   * once. It is the checkpoint that the request names, or else the one full checkpoint of the
   * kernel in this store that has the digest; to find that, all of them are read. If there is none,
   * or there are several that differ, the receipt says so, and each load searches for it.
   *
   * <p>If it is cancelled while it verifies, nothing was written.
   *
   * <p>An import is not a commit by the kernel: the checkpoint is the kernel's newest only if it
   * was captured later than the kernel's others, by HLC, created_at and step, or if there are no
   * others.
   *
   * @param file a whole file of either version that must not change meanwhile, for example {@link
   *     #fileContent} of another store
   * @param request where to, and on which condition
   * @return the receipt, once committed; errors as with {@link #save(Checkpoint, SaveRequest)}, and
   *     those of {@link CheckpointFile#verifyAll}
   */
  public Mono<SaveReceipt> importFile(ChunkContent file, SaveRequest request) {
    return stores.work(
        near ->
            stores.tiered(
                near.saver.save(file, request), (tiers, save) -> save.map(tiers::imported)));
  }

  /**
   * Copies a checkpoint into another store, or to another name in this one. Every byte is verified
   * before it is sent. Objects keep their ids, so those that are there already, from an earlier
   * copy or from one that was broken off, are not sent again. A copy within one store sends
   * nothing. A delta takes along the objects that it refers to and that are missing there; if they
   * can't be obtained, it becomes a full one. The copy's entry appears when all objects are there.
   *
   * <p>If the very same checkpoint is there already under its name, nothing is done, and this is no
   * error. The copy has the same tags and is a savepoint if the checkpoint is one. It is the newest
   * of its kernel there only if it was captured later than all others.
   *
   * <p>If it is cancelled before its commit, the objects that arrived stay. The next try uses them;
   * if there is none, a collection there removes them.
   *
   * @param name a managed checkpoint or a bare file; of a group see {@link Groups#copy}
   * @param target works on the store to copy to; may be this
   * @param request under which name, and how
   * @return the receipt, once committed; errors as with {@link #save(Checkpoint, SaveRequest)}, and
   *     {@link io.ringkernel.checkpoint.error.CorruptCheckpointException} when it is damaged here
   */
  public Mono<CopyReceipt> copy(String name, Checkpointer target, CopyRequest request) {
    return stores.copy(
        name,
        target.stores,
        (from, to) -> Copier.between(from, to).copy(name, request),
        (tiers, copy) -> copy.flatMap(tiers::received));
  }

  /**
   * Saves a kernel again and again, with the defaults of {@link PeriodicSaves}. A save that fails
   * for a reason that may pass by itself ({@link FailedSave#isTransient}) is tried again with the
   * next tick, and is reported only in the notes of the next receipt. Every other error ends the
   * stream.
   *
   * @param interval from tick to tick, longer than zero
   * @param kernel what to save
   * @return a receipt for each save
   * @see #every(PeriodicSaves, CheckpointableKernel)
   */
  public Flux<SaveReceipt> every(Duration interval, CheckpointableKernel kernel) {
    return every(PeriodicSaves.every(interval), kernel);
  }

  /**
   * Saves a kernel again and again. The kernel is claimed with the first save.
   *
   * <p>The first save begins after one interval. A tick that comes while a save is under way, or
   * while nobody demands a receipt, is dropped: saves never overlap and never queue. A save that
   * fails uses up no demand. It is made again with the next tick or ends the stream, as {@link
   * PeriodicSaves#goOnAfter} says; the next receipt's notes report the failures before it.
   * Cancelling cancels the save under way; {@link PeriodicSaves#until} and {@link #close(Duration)}
   * let it finish.
   *
   * @param saves when and how
   * @param kernel what to save
   * @return a receipt for each save; it completes when it was told to stop, and fails with the
   *     error of a save that it does not go on after
   */
  public Flux<SaveReceipt> every(PeriodicSaves saves, CheckpointableKernel kernel) {
    return stores.workMany(
        near ->
            Periodic.of(
                saves, near.timer, saving(near, kernel, saves.request()), stores.announcement()));
  }

  /**
   * Opens a checkpoint. Only metadata and index are read until a content is read, and then only the
   * blocks that it needs; a version 1 file is verified as a whole first. A delta reads like any
   * other checkpoint: each block comes from the object that holds it. A checkpoint that a
   * cancellation drops holds no resources, because nothing of it was read.
   *
   * @param name a managed checkpoint or a bare file
   * @return the checkpoint, which the caller closes; {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is none. Its
   *     contents fail with that, or with {@link
   *     io.ringkernel.checkpoint.error.ChangedMeanwhileException}, when it is deleted while they
   *     are read
   */
  public Mono<Checkpoint> load(String name) {
    return stores.read(reads -> reads.load(name, null));
  }

  /**
   * Opens a whole-chunk delta of version 1 with a base of the caller's choice. Such a delta names
   * its base only by a checksum of the base's content; {@link #load(String)} takes the one full
   * checkpoint of the kernel in this store that has this checksum, and refuses if several of
   * different content have it.
   *
   * @param name a delta of version 1; any other checkpoint is opened as it is
   * @param base the checkpoint that it was made from
   * @return the checkpoint that the delta stands for, which the caller closes; {@link
   *     io.ringkernel.checkpoint.error.BaseMismatchException} when the base's content is not what
   *     the delta was made from
   */
  public Mono<Checkpoint> load(String name, String base) {
    return stores.read(reads -> reads.load(name, base));
  }

  /**
   * Opens a checkpoint's file, for those who want to see how it is stored.
   *
   * @param name a managed checkpoint or a bare file
   * @return the file; needs no closing
   */
  public Mono<CheckpointFile> openFile(String name) {
    return stores.nearest(from -> from.opener.open(name).map(Opener.Opened::file));
  }

  /**
   * The stored bytes of a checkpoint's file, as they are, for copying. They are those of the
   * version that is there now, and are not verified.
   *
   * @param name a managed checkpoint or a bare file
   * @return the bytes; needs no closing
   */
  public Mono<ChunkContent> fileContent(String name) {
    return stores.nearest(from -> from.opener.content(name).cast(ChunkContent.class));
  }

  /**
   * What the store knows of a checkpoint, without reading its state. It includes the custom
   * entries, which are at the beginning of the checkpoint's file.
   *
   * @param name a managed checkpoint or a bare file
   * @return it; {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is
   *     none, {@link io.ringkernel.checkpoint.error.CorruptCheckpointException} when it can't be
   *     read
   */
  public Mono<CheckpointInfo> info(String name) {
    return stores.nearest(
        from -> from.resolver.resolve(name).flatMap(from.catalog::infoWithEntries));
  }

  /**
   * All checkpoints whose names begin with a prefix, ordered by the UTF-8 bytes of their names.
   * They are read as demanded, and no state is read. Those that are managed come without their
   * custom entries, which are in their files and would take a read each; {@link #info} has them.
   *
   * @param prefix any beginning of a name; empty for all
   * @return what is there; what can't be read is listed as {@link UnreadableCheckpoint}
   */
  public Flux<ListedCheckpoint> list(String prefix) {
    return stores.readMany(reads -> reads.list(prefix));
  }

  /**
   * Restores a kernel from one of its own checkpoints, every byte verified first.
   *
   * @param kernel what to restore
   * @param name which checkpoint
   */
  public Mono<RestoreReceipt> restore(CheckpointableKernel kernel, String name) {
    return restore(kernel, name, RestoreOptions.defaults());
  }

  /**
   * Restores a kernel. If this checkpointer's claim on it went stale, this is forgotten: the next
   * save claims the kernel anew.
   *
   * <p>If the restore is cancelled while the bytes are verified, the kernel was not touched. If it
   * is cancelled or fails while the kernel takes the bytes over, the kernel stands still with half
   * a state until another restore succeeds, unless it reads all before it changes anything: see
   * {@link CheckpointableKernel#restoreFromCheckpoint}.
   *
   * @param kernel what to restore
   * @param name which checkpoint
   * @param options which checkpoints it accepts, and with what care
   * @return the receipt; {@link io.ringkernel.checkpoint.error.KernelException} when the checkpoint
   *     is of another type or kernel than asked for, or the kernel refuses it
   */
  public Mono<RestoreReceipt> restore(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return stores.read(reads -> reads.restore(kernel, name, options));
  }

  /**
   * Restores a kernel from the newest of its own checkpoints that is whole.
   *
   * @param kernel what to restore
   */
  public Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel) {
    return restoreLatest(kernel, RestoreOptions.defaults());
  }

  /**
   * Restores a kernel from the newest checkpoint that is whole.
   *
   * <p>Newest is by the number of the commit. An imported checkpoint is placed among the commits
   * before it by the time of its capture. Bare files come after all managed checkpoints, by HLC,
   * created_at, step and name. A checkpoint that is damaged or gone is skipped, and the receipt
   * says why. Every other failure ends the attempt, and so does a checkpoint that may be whole but
   * can't be read here, because it is of a later version or above a limit: nothing older silently
   * takes its place.
   *
   * <p>A cancellation has the same effect as for {@link #restore(CheckpointableKernel, String,
   * RestoreOptions)}.
   *
   * @param kernel what to restore
   * @param options which checkpoints it accepts, and with what care
   * @return the receipt; {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when
   *     the store has nothing of the kernel, so that it may begin anew; {@link
   *     io.ringkernel.checkpoint.error.NoneRestorableException} when there is something, and none
   *     of it can be restored; {@link io.ringkernel.checkpoint.error.UnsupportedVersionException}
   *     or {@link io.ringkernel.checkpoint.error.LimitExceededException}, which name the
   *     checkpoint, when one can't be read here; {@link
   *     io.ringkernel.checkpoint.error.KernelException} when the newest is of another type, or the
   *     kernel refuses it
   */
  public Mono<RestoreReceipt> restoreLatest(CheckpointableKernel kernel, RestoreOptions options) {
    return stores.read(reads -> reads.restoreLatest(kernel, options));
  }

  /**
   * Checks that a checkpoint is as it was written.
   *
   * @param name a managed checkpoint or a bare file
   * @param depth how much of it to check
   * @return what was found, also when it is damaged; {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when nothing has this name, and
   *     failures of the storage, are errors
   */
  public Mono<VerifyReport> verify(String name, VerifyDepth depth) {
    return stores.work(near -> near.verifier.verify(name, depth));
  }

  /**
   * Checks all heads: the records that the saves of each kernel go through. No checkpoint is lost
   * with its kernel's head, but without the head the kernel can't be saved, and nothing is
   * collected.
   *
   * @return a report for each kernel; only a failure that prevents the check is an error
   * @see #repair
   */
  public Flux<HeadReport> verifyHeads() {
    return stores.workMany(near -> near.headVerifier.reports());
  }

  /**
   * Rebuilds a kernel's head from what lies under the names of the store. It does so when the head
   * is damaged, when it is missing although the store has something of the kernel, and when it was
   * lost before and begun anew or replaced by an older one, so that it knows fewer commits than
   * there are or has counted some twice. A head that is whole is left alone, and so is one that the
   * storage fails to read. Savers, prunings and collections may be at work meanwhile, in any
   * process.
   *
   * <p>All checkpoints that have an entry stay. If their numbers don't tell their order any more,
   * those saved since get other {@linkplain CheckpointInfo#sequence() numbers}, in the order of
   * creation. So the newest that can be read counts as the newest, and what is saved from then on
   * is newer. The receipt names what can't be read, which may be newer: repair again when it can be
   * read or is gone. Until then prunings may remove nothing of the kernel; the same applies if the
   * receipt says that the order is {@linkplain RepairReceipt#disputed() disputed}.
   *
   * <p>What only the lost head knew can't be known any more:
   *
   * <ul>
   *   <li>A commit whose writer died before it wrote the entry. It is finished if it can still be
   *       read in what is left of the head. Otherwise its name keeps what it had before, if
   *       anything, and the commit's object is among {@link RepairReceipt#undecided()}, which
   *       collections remove like any object that nothing refers to. If the writer is alive at this
   *       moment, its save fails.
   *   <li>Who has claimed the kernel. All claims are over: a writer that goes on saving it by
   *       {@link #save(CheckpointableKernel)} or {@link #every} gets {@link
   *       io.ringkernel.checkpoint.error.StaleWriterException} until it restores the kernel.
   *   <li>How many commits there were after the last one that left something. Their numbers are
   *       skipped: counting goes on a thousand million higher.
   *   <li>If the head was begun anew or put back: which of the checkpoints from before and after
   *       that are newer, where clocks were wrong.
   * </ul>
   *
   * <p>If it is cancelled or fails, it can be repeated without harm: the head is the old one or the
   * new one.
   *
   * @param kernelId whose head
   * @return what was done, and what was found before; {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is neither a head
   *     nor a checkpoint of this kernel, {@link
   *     io.ringkernel.checkpoint.error.UnsupportedVersionException} when a later release wrote the
   *     head
   */
  public Mono<RepairReceipt> repair(String kernelId) {
    return stores.work(near -> near.headRepair.repair(kernelId));
  }

  /**
   * Makes a checkpoint self-contained: the stored blocks that it has in older objects are copied,
   * as they are, into one new object together with its own, and its entry is switched to that
   * object. It stays the same checkpoint, with its sequence and tags. If this is cancelled or
   * fails, the entry refers to the old object or to the new one, and it can be repeated without
   * harm.
   *
   * @param name a managed checkpoint; a full one is left as it is
   * @return the receipt; {@link io.ringkernel.checkpoint.error.ChangedMeanwhileException} when the
   *     checkpoint was replaced or removed meanwhile: then nothing was changed
   */
  public Mono<FlattenReceipt> flatten(String name) {
    return stores.work(near -> near.flattener.flatten(name));
  }

  /**
   * What differs between two checkpoints, from their indexes alone: no state is read. Chunks are
   * the same when their type, id and occurrence are the same; blocks when their fingerprints are.
   *
   * @param before a checkpoint of version 2, managed or a bare file
   * @param after another, of the same block size and fingerprint algorithm
   * @return the differences; {@link io.ringkernel.checkpoint.error.InvalidOptionException} when
   *     they can't be compared
   */
  public Mono<CheckpointDiff> diff(String before, String after) {
    return stores.nearest(from -> from.differ.diff(before, after));
  }

  /** Statistics of the cache of base indexes; may wait a moment for the cache's own upkeep. */
  public BaseCacheStats baseCacheStats() {
    return stores.near().indexes.stats();
  }

  /**
   * Removes a checkpoint. What it stored stays until a collector finds that nothing refers to it.
   *
   * @param name a managed checkpoint or a bare file
   * @return whether this call removed something; {@link
   *     io.ringkernel.checkpoint.error.ChangedMeanwhileException} when it was replaced meanwhile
   */
  public Mono<Boolean> delete(String name) {
    return stores.work(near -> near.deleter.delete(name));
  }

  /**
   * Adds a tag to a checkpoint; a tag that it has already changes nothing.
   *
   * @param name a managed checkpoint
   * @param tag 1 to 100 bytes of UTF-8 without control characters
   * @return what the store now knows of it; {@link
   *     io.ringkernel.checkpoint.error.CheckpointNotFoundException} when there is none, {@link
   *     io.ringkernel.checkpoint.error.InvalidNameException} when the tag is invalid, or the name
   *     is a bare file's, which has no tags
   */
  public Mono<CheckpointInfo> tag(String name, String tag) {
    return stores.work(near -> near.tagger.tag(name, tag));
  }

  /**
   * Removes a tag from a checkpoint; a tag that it does not have changes nothing.
   *
   * @param name a managed checkpoint
   * @param tag which
   * @return as with {@link #tag}
   */
  public Mono<CheckpointInfo> untag(String name, String tag) {
    return stores.work(near -> near.tagger.untag(name, tag));
  }

  /**
   * Removes all checkpoints that a policy does not keep.
   *
   * @param policy which to keep
   * @return what was removed and what not, and why
   * @see #prune(RetentionPolicy, PruneOptions)
   */
  public Mono<PruneReport> prune(RetentionPolicy policy) {
    return prune(policy, PruneOptions.defaults());
  }

  /**
   * Removes checkpoints that a policy does not keep, as {@link #delete} does. Savepoints stay, and
   * so does each kernel's newest checkpoint that can be restored, which is found by {@link
   * VerifyDepth#QUICK}, from the newest back. If no checkpoint of a kernel can be restored, nothing
   * of that kernel is removed. Two prunings at the same time, in any process, do no more than one
   * after the other.
   *
   * <p>{@link #collect} frees the space. If the pruning is cancelled, what was removed until then
   * is gone, and the {@linkplain #journal journal} records it as not complete.
   *
   * @param policy which to keep
   * @param options what to look at, and whether to change anything
   * @return what was removed and what not, and why; a failure of the storage ends it early, and
   *     what was removed until then is gone. {@link
   *     io.ringkernel.checkpoint.error.InvalidOptionException}, with nothing removed, when
   *     something would be removed and the policy asks for an entry that no checkpoint has: see
   *     {@link PruneOptions#allowUnmatched}
   */
  public Mono<PruneReport> prune(RetentionPolicy policy, PruneOptions options) {
    return stores.work(
        near ->
            near.pruner.prune(
                policy, options, stores.tiers().map(Tiers::waiting).orElse(info -> false)));
  }

  /**
   * Removes the objects that no checkpoint needs, with the default grace period.
   *
   * @return what was removed
   * @see #collect(CollectOptions)
   */
  public Mono<CollectReport> collect() {
    return collect(CollectOptions.defaults());
  }

  /**
   * Removes the objects that no checkpoint needs: those left by deleted, replaced and flattened
   * checkpoints, and by savers that died. If a saver died after its commit, the entry is written,
   * as the next save of its kernel would do. Any number of savers and collectors may be at work
   * meanwhile, in any process; {@code docs/store.md} says why nothing is lost. What a collection
   * leaves when it is broken off, the next one removes.
   *
   * <p>A saver that gave no sign of life for longer than its lease can't commit any more once a
   * collection has noticed; its save fails with a transient {@link
   * io.ringkernel.checkpoint.error.StorageException}.
   *
   * @param options grace period, and whether to change anything
   * @return what was removed; {@link io.ringkernel.checkpoint.error.CorruptCheckpointException},
   *     with nothing removed, when an entry, a manifest, a head, a pin or a bare file can't be
   *     read, or a head is another kernel's, because then nobody knows what it refers to, and
   *     {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when a head is missing;
   *     {@link #repair} mends heads. {@link
   *     io.ringkernel.checkpoint.error.UnsupportedVersionException} or {@link
   *     io.ringkernel.checkpoint.error.LimitExceededException} when one of them can't be read by
   *     this release, or within the limits
   */
  public Mono<CollectReport> collect(CollectOptions options) {
    return stores.work(near -> near.collector.collect(options));
  }

  /**
   * What prunings and collections have removed, oldest first.
   *
   * @return a record for each that removed something
   */
  public Flux<JournalRecord> journal() {
    return stores.workMany(near -> near.journal.records());
  }

  /**
   * Ends this checkpointer. Later calls are refused with {@link
   * io.ringkernel.checkpoint.error.ClosedException}, work under way is cancelled, and threads and
   * memory are released, also those of a storage that it opened. Each part is closed even if
   * closing another fails; the first failure has the others as suppressed exceptions. Idempotent.
   *
   * <p>A save that is cancelled is lost, and a kernel that is being restored may be left without a
   * whole state: where there is time, {@link #close(Duration)} lets both finish.
   */
  public Mono<Void> close() {
    return closable ? stores.close() : Mono.empty();
  }

  /**
   * Ends this checkpointer as {@link #close()} does, after work under way has finished. From the
   * subscription on new work is refused: {@link #every} begins no more saves and completes after
   * the one under way, and {@link Groups#join} takes part only in a cut that it was invited to
   * already. With two tiers, this waits within the same time for the copies that are still to be
   * made, instead of {@link TieredStorage#finishWithin}.
   *
   * <p>A {@link #close()} meanwhile cuts this short; both complete when all is closed. If this is
   * cancelled, it waits no longer but still refuses new work; {@link #close()} does the rest.
   *
   * @param finishWithin the longest to wait before what is left is cancelled, zero or longer; the
   *     closing itself comes after that
   * @throws IllegalArgumentException when it is negative
   */
  public Mono<Void> close(Duration finishWithin) {
    Mono<Void> closed = stores.close(finishWithin);
    return closable ? closed : Mono.empty();
  }
}
