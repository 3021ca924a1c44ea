package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.FieldPair.member;
import static io.ringkernel.checkpoint.core.StoreFixture.collect;
import static io.ringkernel.checkpoint.core.StoreFixture.names;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.IsGroupException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.fault.CorruptingStorage;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Groups of two kernels, copied from a store in memory to another store. */
@Timeout(120)
abstract class GroupCopyContract {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  @RegisterExtension final CopyFixture stores;
  private final ScriptedStorage source;
  private final ScriptedStorage target;
  private final Checkpointer from;
  private final Checkpointer to;
  private final FieldPair room = new FieldPair();
  private final List<QuiescableKernel> kernels = room.kernels;

  GroupCopyContract(String targetUri) {
    stores = new CopyFixture(CODEC, targetUri);
    source = stores.source;
    target = stores.target;
    from = stores.from;
    to = stores.to;
  }

  private GroupCopyReceipt copy(GroupReceipt group, CopyRequest request) {
    return from.groups().copy(group.name(), to, request).block(LONG);
  }

  private GroupCopyReceipt copy(GroupReceipt group) {
    return copy(group, CopyRequest.defaults());
  }

  private void assertRestored(String name, List<ByteBuffer> states) {
    collect(to);
    room.assertRestores(to, name, states);
  }

  @Test
  void takesItsMembersAlongAndKeepsTheCut() {
    room.save(from);
    GroupReceipt saved = room.save(from);
    List<ByteBuffer> states = room.states();

    GroupCopyReceipt receipt = copy(saved);

    assertThat(receipt.changed()).isTrue();
    assertThat(receipt.members())
        .extracting(CopyReceipt::name)
        .containsExactly(member(saved, 0), member(saved, 1));
    assertThat(receipt.members())
        .allSatisfy(one -> assertThat(one.kind()).isEqualTo(CheckpointKind.DELTA));
    assertThat(receipt.copied()).isPositive();
    GroupInfo there = to.groups().info(saved.name()).block(LONG);
    GroupInfo here = from.groups().info(saved.name()).block(LONG);
    assertThat(there).isEqualTo(receipt.group());
    assertThat(there.cut()).isEqualTo(saved.cut());
    assertThat(there.group()).isEqualTo("room");
    assertThat(there.createdAtMicros()).isEqualTo(here.createdAtMicros());
    assertThat(there.members())
        .extracting(CheckpointInfo::objectId)
        .isEqualTo(here.members().stream().map(CheckpointInfo::objectId).toList());
    assertThat(names(to)).containsExactly(member(saved, 0), member(saved, 1), saved.name());
    assertRestored(saved.name(), states);
    to.groups().restoreLatest("room", kernels).block(LONG);
  }

  @Test
  void leavesAGroupAloneThatIsThereAlready() {
    GroupReceipt saved = room.save(from);
    copy(saved);
    target.heal();

    GroupCopyReceipt again = copy(saved, CopyRequest.defaults().onlyIfAbsent());

    assertThat(again.changed()).isFalse();
    assertThat(again.copied()).isZero();
    assertThat(again.group()).isEqualTo(to.groups().info(saved.name()).block(LONG));
    assertThat(target.calls).noneMatch(call -> call.operation().equals("save"));
  }

  @Test
  void leavesAGroupAloneThatAnotherCopiesMeanwhile() {
    GroupReceipt saved = room.save(from);
    AtomicInteger looks = new AtomicInteger();
    target.before(
        call ->
            call.operation().equals("read")
                && call.name().equals(saved.name())
                && looks.incrementAndGet() == 2,
        () -> copy(saved));

    GroupCopyReceipt second = copy(saved, CopyRequest.defaults().onlyIfAbsent());

    assertThat(second.changed()).isFalse();
  }

  @Test
  void aCopyOfACopyIsTheSameGroup() {
    GroupReceipt saved = room.save(from);
    copy(saved);

    GroupCopyReceipt back =
        to.groups().copy(saved.name(), from, CopyRequest.defaults()).block(LONG);

    assertThat(back.changed()).isFalse();
  }

  @Test
  void tagsAndTheMarkOfASavepointComeAlong() {
    GroupReceipt saved = room.save(from);
    from.tag(member(saved, 1), "good").block(LONG);

    copy(saved);

    assertThat(to.info(member(saved, 1)).block(LONG).tags()).isEqualTo(Set.of("good"));
    assertThat(to.info(member(saved, 0)).block(LONG).tags()).isEmpty();
  }

  @Test
  void goesUnderAnotherNameWhileItsMembersKeepTheirs() {
    GroupReceipt saved = room.save(from);

    GroupCopyReceipt receipt = copy(saved, CopyRequest.defaults().named("archived"));

    assertThat(receipt.name()).isEqualTo("archived");
    assertThat(names(to)).containsExactlyInAnyOrder("archived", member(saved, 0), member(saved, 1));
    assertRestored("archived", room.states());
    assertThatThrownBy(() -> copy(saved, CopyRequest.defaults().named(".rkcp/x")))
        .isInstanceOf(InvalidNameException.class);
  }

  @Test
  void copiesWithinAStoreWithoutSendingAnything() {
    GroupReceipt saved = room.save(from);

    GroupCopyReceipt receipt =
        from.groups().copy(saved.name(), from, CopyRequest.defaults().named("twin")).block(LONG);

    assertThat(receipt.copied()).isZero();
    assertThat(receipt.members()).noneMatch(CopyReceipt::changed);
    assertThat(source.list(StoreNames.OBJECTS).count().block(LONG)).isEqualTo(2);
    from.delete(saved.name()).block(LONG);
    from.groups().restore("twin", kernels).block(LONG);
  }

  @Test
  void flattensItsMembersWhenAskedAlsoThoseThatAreThere() {
    room.save(from);
    GroupReceipt saved = room.save(from);
    List<ByteBuffer> states = room.states();
    copy(saved);

    GroupCopyReceipt flat = copy(saved, CopyRequest.defaults().flattened());
    GroupCopyReceipt again = copy(saved, CopyRequest.defaults().flattened());

    assertThat(flat.changed()).isTrue();
    assertThat(flat.group().members()).allMatch(one -> one.ancestors().isEmpty());
    assertThat(again.changed()).isFalse();
    assertRestored(saved.name(), states);
    assertThat(target.list(StoreNames.OBJECTS).count().block(LONG)).isEqualTo(2);
  }

  @Test
  void refersToTheObjectsThatItsMembersHaveThere() {
    GroupReceipt saved = room.save(from);
    List<ByteBuffer> states = room.states();
    copy(saved);
    to.delete(saved.name()).block(LONG);
    to.delete(member(saved, 0)).block(LONG);
    // Condemns its object, and leaves it for an hour: a copy has to take another one.
    to.collect().block(LONG);

    GroupCopyReceipt again = copy(saved);

    assertThat(again.group().members().get(0).objectId())
        .isNotEqualTo(saved.members().get(0).checkpoint().objectId());
    assertRestored(saved.name(), states);
  }

  @Test
  void replacesWhatIsUnderItsNameUnlessToldNotTo() {
    GroupReceipt first = room.save(from);
    GroupReceipt second = room.save(from);
    List<ByteBuffer> states = room.states();
    copy(first, CopyRequest.defaults().named("kept"));

    assertThatThrownBy(() -> copy(second, CopyRequest.defaults().named("kept").onlyIfAbsent()))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(names(to)).doesNotContain(member(second, 0), member(second, 1));
    GroupCopyReceipt receipt = copy(second, CopyRequest.defaults().named("kept"));

    assertThat(receipt.changed()).isTrue();
    assertThat(to.groups().info("kept").block(LONG).cut()).isEqualTo(second.cut());
    assertRestored("kept", states);
  }

  @Test
  void aMemberWhoseOwnCheckpointWasRemovedIsCopiedAsTheGroupHasIt() {
    GroupReceipt saved = room.save(from);
    List<ByteBuffer> states = room.states();
    from.delete(member(saved, 0)).block(LONG);
    collect(from);

    copy(saved);

    assertThat(names(to)).contains(member(saved, 0));
    assertRestored(saved.name(), states);
  }

  @Test
  void aMemberWhoseNameStandsForAnotherStateHereIsCopiedAsTheGroupHasIt() {
    GroupReceipt saved = room.save(from);
    List<ByteBuffer> states = room.states();
    String name = member(saved, 0);
    from.delete(name).block(LONG);
    from.save(name, TestStates.of("left", 99)).block(LONG);

    copy(saved);

    assertThat(to.info(name).block(LONG).objectId())
        .isEqualTo(saved.members().get(0).checkpoint().objectId());
    assertRestored(saved.name(), states);
  }

  @Test
  void leavesNothingUnderItsNameWhenItIsRefused() {
    GroupReceipt saved = room.save(from);
    AtomicBoolean refused = new AtomicBoolean();
    // Once: where names are cleared in two steps, the first is a write too.
    target.failWhen(
        call ->
            call.savesEntry()
                && call.name().equals(saved.name())
                && refused.compareAndSet(false, true),
        Fault.REFUSE);

    assertThatThrownBy(() -> copy(saved)).isInstanceOf(ChangedMeanwhileException.class);

    target.heal();
    assertThat(names(to)).containsExactlyInAnyOrder(member(saved, 0), member(saved, 1));
    assertThat(new Slots(new SmallObjects(target)).read(saved.name()).block(LONG))
        .as("its placeholder is gone")
        .isNotInstanceOf(Slot.Vacant.class);
  }

  @Test
  void aMemberWhoseNameStandsForSomethingElseReplacesNothing() {
    GroupReceipt saved = room.save(from);
    String name = member(saved, 0);
    to.save(name, TestStates.of("other", 1)).block(LONG);
    from.delete(name).block(LONG);

    assertThatThrownBy(() -> copy(saved))
        .isInstanceOfSatisfying(GroupException.class, e -> assertThat(e.culprit()).contains("left"))
        .hasCauseInstanceOf(AlreadyExistsException.class);

    assertThat(to.info(name).block(LONG).metadata().kernelId()).isEqualTo("other");
    assertThat(names(to)).doesNotContain(saved.name());
  }

  @Test
  void isNotThereWhenAMemberIsDamaged() {
    GroupReceipt saved = room.save(from);
    CorruptingStorage bad = CorruptingStorage.around(source);
    bad.flip(StoreNames.object(saved.members().get(1).checkpoint().objectId()), 30_000, 4);
    Checkpointer damaged = CODEC.on(bad);

    assertThatThrownBy(
            () -> damaged.groups().copy(saved.name(), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasCauseInstanceOf(CorruptCheckpointException.class);

    assertThat(names(to)).containsExactly(member(saved, 0));
    damaged.close().block(LONG);
    copy(saved);
    assertRestored(saved.name(), room.states());
  }

  @Test
  void isNotThereWhenAMemberIsRemovedThereMeanwhile() {
    GroupReceipt saved = room.save(from);
    target.before(
        call -> call.operation().equals("save") && call.name().equals(saved.name()),
        () -> {
          to.delete(member(saved, 0)).block(LONG);
          // The group's pin keeps the object: what the manifest is about to name stays.
          collect(to);
        });

    copy(saved);

    assertThat(names(to)).doesNotContain(member(saved, 0));
    assertRestored(saved.name(), room.states());
  }

  @Test
  void aCheckpointIsNoGroupAndAGroupNoCheckpoint() {
    GroupReceipt saved = room.save(from);

    assertThatThrownBy(
            () -> from.groups().copy(member(saved, 0), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("no group");
    assertThatThrownBy(() -> from.copy(saved.name(), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(IsGroupException.class);
    assertThatThrownBy(() -> from.groups().copy("none", to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(names(to)).isEmpty();
  }
}
