package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/**
 * The groups of a {@link Checkpointer}: kernels that are captured at one consistent cut, committed
 * by one manifest, and restored together, from one process or several.
 *
 * <p>A group's name is one among those of the checkpoints: {@link Checkpointer#list}, {@link
 * Checkpointer#verify} and {@link Checkpointer#delete} take it too. As safe for threads and
 * processes as the checkpointer, and ends with it. What is said there of results, of the threads
 * that signals come on, and of cancellation holds here, too.
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
   * <p>However it ends, the kernels run on. Of a group that failed, or was cancelled, the members
   * that were committed already are removed again, as far as that is possible, unless the group
   * itself may have been committed: then they stay, and {@link #info} tells.
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
                (tiers, save) -> tiers.saving(kernelIds(kernels), save)));
  }

  private static Set<String> kernelIds(List<? extends QuiescableKernel> kernels) {
    return kernels.stream()
        .map(CheckpointableKernel::kernelId)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Waits for the next cut of a group that another process saves, and takes part in it; to take
   * part in every one, repeat. When the coordinator or the storage is lost, the kernel runs on
   * after at most twice the coordinator's timeout. Cancelled before its part is saved, it is let
   * run on and the group fails.
   *
   * @param request which group, and how often to look; the rest is the coordinator's
   * @param kernel one that the coordinator was told to wait for
   * @return the group's receipt with this kernel as its only member, once the group is committed;
   *     {@link io.ringkernel.checkpoint.error.GroupException} when it failed
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
   * @param name the group's, as its receipt told it
   * @return it; {@link io.ringkernel.checkpoint.error.GroupException} when it is a checkpoint
   */
  public Mono<GroupInfo> info(String name) {
    return stores.nearest(from -> from.groupRestorer.info(name));
  }

  /**
   * Restores all kernels of a group. Every byte of all members is verified before a kernel is
   * stopped; then all are stopped, restored, and let run on together. Cancelled before that, none
   * was touched; cancelled, or failed, between the first that is restored and the last, the kernels
   * are in different states: restore the group again.
   *
   * @param name the group's, as its receipt told it
   * @param kernels all of its members, in any order
   * @return the receipt; {@link io.ringkernel.checkpoint.error.GroupException} that names the
   *     culprit, says which kernels were restored, and has the culprit's own error as its cause
   */
  public Mono<GroupRestoreReceipt> restore(String name, List<? extends QuiescableKernel> kernels) {
    return stores.read(reads -> reads.restoreGroup(name, kernels));
  }

  /**
   * Restores all kernels of a group from its newest cut that is whole: newest by the time of the
   * cut. One of which a member is damaged or gone is passed over before a kernel is stopped, and
   * the receipt says why; every other failure ends the attempt, also where a cut may be whole and
   * can't be read here, being of a later version or above a limit. All names of the store are read.
   *
   * @param group which group they are, as its request told it
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
   * Restores one kernel from its part of a group; the others are left as they are, and must not
   * write into its memory meanwhile: what arrives there is verified where it lies.
   *
   * @param kernel what to restore
   * @param name the group's, as its receipt told it
   * @param options which member it accepts, and with what care
   * @return the receipt; {@link io.ringkernel.checkpoint.error.GroupException} when it is no
   *     member, else errors as with {@link Checkpointer#restore(CheckpointableKernel, String,
   *     RestoreOptions)}
   */
  public Mono<RestoreReceipt> restoreMember(
      CheckpointableKernel kernel, String name, RestoreOptions options) {
    return stores.read(reads -> reads.restoreMember(kernel, name, options));
  }

  /**
   * Opens the file of one kernel's part of a group, whatever became of that kernel's checkpoints.
   *
   * @param name the group's, as its receipt told it
   * @param kernelId which member
   * @return the file; needs no closing; {@link io.ringkernel.checkpoint.error.GroupException} when
   *     the kernel is no member, or under the name is no group
   */
  public Mono<CheckpointFile> openMember(String name, String kernelId) {
    return stores.nearest(from -> from.groupRestorer.open(name, kernelId));
  }

  /**
   * Copies a group into another store, or to another name in this one: first its members, each as
   * {@link Checkpointer#copy} does and under its own name, then the group, by one commit. So it is
   * there whole or not at all; one that was broken off is taken up. It has the time of its cut, and
   * refers to the members' objects as they are there.
   *
   * <p>Cancelled, the members that arrived stay as checkpoints of their own.
   *
   * <p>That the very same group is there already under its name is no error, and nothing is done. A
   * member whose own checkpoint was removed or replaced here is copied as the group has it, and has
   * one of its own there.
   *
   * @param name the group's, as its receipt told it
   * @param target works on the store to copy to; may be this
   * @param request under which name, and how; {@link CopyRequest#onProgress} is told of members
   * @return the receipt, once committed; {@link io.ringkernel.checkpoint.error.GroupException} when
   *     under the name is no group, or a member can't be copied: it names the kernel and has the
   *     error of {@link Checkpointer#copy} as its cause
   */
  public Mono<GroupCopyReceipt> copy(String name, Checkpointer target, CopyRequest request) {
    return stores.copy(
        name,
        target.stores(),
        (from, to) -> new GroupCopier(from, to).copy(name, request),
        (tiers, copy) -> copy.map(tiers::received));
  }
}
