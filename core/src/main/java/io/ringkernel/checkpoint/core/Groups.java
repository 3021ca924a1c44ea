package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;

/**
 * The groups of a {@link Checkpointer}: kernels that are captured at one consistent cut, committed
 * by one manifest, and restored together, from one process or several.
 *
 * <p>Groups and checkpoints share one set of names: {@link Checkpointer#list}, {@link
 * Checkpointer#verify} and {@link Checkpointer#delete} work on groups too. A {@code Groups} is as
 * safe for threads and processes as its checkpointer, and ends with it. What {@link Checkpointer}
 * says of results, threads and cancellation applies here too.
 */
public final class Groups {
  private final Stores stores;

  Groups(Stores stores) {
    this.stores = stores;
  }

  /**
   * Captures kernels at one consistent cut and saves them as a group.
   *
   * @param group which group they are
   * @param kernels which kernels, each once
   * @return the receipt, once committed
   * @see #save(GroupRequest, List)
   */
  public Mono<GroupReceipt> save(String group, List<? extends QuiescableKernel> kernels) {
    return save(GroupRequest.of(group), kernels);
  }

  /**
   * Captures kernels at one consistent cut and saves them as a group: all are stopped, then all are
   * captured, then all run on, and the state is stored meanwhile. Each is claimed, and has a
   * checkpoint of its own afterwards, under a name made as for {@link
   * Checkpointer#save(CheckpointableKernel)}; all are stamped with the time of the cut. The group
   * is committed by one manifest, written last: it is there whole or not at all.
   *
   * <p>However it ends, the kernels run on. If a group failed or was cancelled, the members that
   * were committed already are removed again, as far as that is possible. If the group itself may
   * have been committed, they stay, and {@link #info} tells whether it was.
   *
   * @param request which group, where to, and who joins from other processes
   * @param kernels those of this process, each once
   * @return the receipt, once committed; {@link io.ringkernel.checkpoint.error.GroupException} that
   *     names the kernel that could not be stopped, captured, resumed or saved in its time, with
   *     its own error as the cause; {@link
   *     io.ringkernel.checkpoint.error.CommitStateUnknownException} when the group may have been
   *     committed
   */
  public Mono<GroupReceipt> save(GroupRequest request, List<? extends QuiescableKernel> kernels) {
    return stores.work(
        near ->
            stores.tiered(
                near.groupSaver.save(request, kernels),
                (tiers, save) -> tiers.saving(request.group(), kernelIds(request, kernels), save)));
  }

  private static Set<String> kernelIds(
      GroupRequest request, List<? extends QuiescableKernel> kernels) {
    return Stream.concat(
            kernels.stream().map(CheckpointableKernel::kernelId), request.joining().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Waits for the next cut of a group that another process saves, and takes part in it; to take
   * part in every cut, repeat. If the coordinator or the storage is lost, the kernel runs on after
   * at most four times the coordinator's timeout. If this is cancelled before the kernel's part is
   * saved, the kernel runs on and the group fails.
   *
   * @param request which group, and how often to poll; the rest is taken from the coordinator
   * @param kernel one that the coordinator was told to wait for
   * @return the group's receipt with this kernel as its only member, once the group is committed;
   *     {@link io.ringkernel.checkpoint.error.GroupException} when it failed; {@link
   *     io.ringkernel.checkpoint.error.CommitStateUnknownException} when the coordinator was lost
   *     while it committed the group
   */
  public Mono<GroupReceipt> join(GroupRequest request, QuiescableKernel kernel) {
    return stores.work(
        near ->
            stores.tiered(
                near.groupJoiner.join(request, kernel, stores.refusal()),
                (tiers, join) -> join.map(tiers::joined)));
  }

  /**
   * What the store knows of a group.
   *
   * @param name the group's, as in its receipt
   * @return it; {@link io.ringkernel.checkpoint.error.GroupException} when it is a checkpoint
   */
  public Mono<GroupInfo> info(String name) {
    return stores.nearest(from -> from.groupRestorer.info(name));
  }

  /**
   * Restores all kernels of a group. Every byte of all members is verified before a kernel is
   * stopped; then all are stopped, restored, and let run on together. If this is cancelled before
   * that, no kernel was touched. If it is cancelled or fails between the first kernel that is
   * restored and the last, the kernels are in different states: restore the group again.
   *
   * @param name the group's, as in its receipt
   * @param kernels all of its members, in any order
   * @return the receipt; {@link io.ringkernel.checkpoint.error.GroupException} that names the
   *     culprit, says which kernels were restored, and has the culprit's own error as its cause
   */
  public Mono<GroupRestoreReceipt> restore(String name, List<? extends QuiescableKernel> kernels) {
    return stores.read(reads -> reads.restoreGroup(name, kernels));
  }

  /**
   * Restores all kernels of a group from its newest cut that is whole: newest by the time of the
   * cut. A cut with a member that is damaged or gone is skipped before a kernel is stopped, and the
   * receipt says why. Every other failure ends the attempt, also when a cut may be whole but can't
   * be read here, because it is of a later version or above a limit. All names of the store are
   * read.
   *
   * @param group which group they are, as in its request
   * @param kernels all of its members, in any order
   * @return the receipt; {@link io.ringkernel.checkpoint.error.CheckpointNotFoundException} when
   *     the store has no cut of the group, {@link
   *     io.ringkernel.checkpoint.error.NoneRestorableException} when it has some, and none of them
   *     can be restored; else errors as with {@link #restore}
   */
  public Mono<GroupRestoreReceipt> restoreLatest(
      String group, List<? extends QuiescableKernel> kernels) {
    return stores.read(reads -> reads.restoreLatestGroup(group, kernels));
  }

  /**
   * Restores one kernel from its part of a group. The other kernels are left as they are. They must
   * not write into this kernel's memory meanwhile, because what arrives there is verified in place.
   *
   * @param kernel what to restore
   * @param name the group's, as in its receipt
   * @param options which member it accepts, and with what care
   * @return the receipt; {@link io.ringkernel.checkpoint.error.GroupException} when the kernel is
   *     no member, else errors as with {@link Checkpointer#restore(CheckpointableKernel, String,
   *     RestoreOptions)}
   */
  public Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return stores.read(reads -> reads.restoreMember(kernel, name, options));
  }

  /**
   * Opens the file of one kernel's part of a group, whatever became of that kernel's checkpoints.
   *
   * @param name the group's, as in its receipt
   * @param kernelId which member
   * @return the file; needs no closing; {@link io.ringkernel.checkpoint.error.GroupException} when
   *     the kernel is no member, or there is no group under the name
   */
  public Mono<CheckpointFile> openMember(String name, String kernelId) {
    return stores.nearest(from -> from.groupRestorer.open(name, kernelId));
  }

  /**
   * Copies a group into another store, or to another name in this one: first its members, each as
   * {@link Checkpointer#copy} does and under its own name, then the group, by one commit. So the
   * group is there whole or not at all, and a copy that was broken off can be continued. The copy
   * keeps the time of the cut, and refers to the members' objects in the other store.
   *
   * <p>If it is cancelled, the members that arrived stay as checkpoints of their own.
   *
   * <p>If the very same group is there already under its name, nothing is done, and this is no
   * error. A member whose own checkpoint was removed or replaced in this store is copied as the
   * group has it, and gets a checkpoint of its own in the other store.
   *
   * @param name the group's, as in its receipt
   * @param target works on the store to copy to; may be this
   * @param request under which name, and how; {@link CopyRequest#onProgress} is called for the
   *     members
   * @return the receipt, once committed; {@link io.ringkernel.checkpoint.error.GroupException} when
   *     there is no group under the name, or a member can't be copied: then it names the kernel and
   *     has the error of {@link Checkpointer#copy} as its cause
   */
  public Mono<GroupCopyReceipt> copy(String name, Checkpointer target, CopyRequest request) {
    return stores.copy(
        name,
        target.stores(),
        (from, to) -> new GroupCopier(from, to).copy(name, request),
        (tiers, copy) -> copy.map(tiers::received));
  }
}
