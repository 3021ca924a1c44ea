package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.tck.fault.CorruptingStorage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of two kernels, copied from a store in memory to another store. */
@Timeout(120)
abstract class GroupCopyContract {
  private static CheckpointCodec codec;

  @TempDir Path directory;
  private final ScriptedStorage source = new ScriptedStorage("memory:" + UUID.randomUUID());
  private final Checkpointer from = on(source);
  private ScriptedStorage target;
  private Checkpointer to;
  private final FieldKernel left = new FieldKernel("left");
  private final FieldKernel right = new FieldKernel("right");
  private final List<CheckpointableKernel> kernels = List.of(left.kernel(), right.kernel());

  abstract String targetUri(Path directory);

  @BeforeAll
  static void makeCodec() {
    codec = CheckpointCodec.builder().parallelism(2).build();
  }

  @AfterAll
  static void closeCodec() {
    codec.close();
  }

  private static Checkpointer on(ScriptedStorage storage) {
    return Checkpointer.builder(storage).codec(codec).build();
  }

  @BeforeEach
  void open() {
    target = new ScriptedStorage(targetUri(directory));
    to = on(target);
  }

  @AfterEach
  void close() {
    assertThat(source.openBuffers).hasValue(0);
    assertThat(target.openBuffers).hasValue(0);
    from.close().block(LONG);
    to.close().block(LONG);
    source.close().block(LONG);
    target.close().block(LONG);
  }

  /** The second and later ones are groups of deltas. */
  private GroupReceipt save() {
    left.advance();
    right.advance();
    return from.groups().save("room", kernels).block(LONG);
  }

  private GroupCopyReceipt copy(GroupReceipt group, CopyRequest request) {
    return from.groups().copy(group.name(), to, request).block(LONG);
  }

  private GroupCopyReceipt copy(GroupReceipt group) {
    return copy(group, CopyRequest.defaults());
  }

  private static String member(GroupReceipt group, int n) {
    return group.members().get(n).checkpoint().name();
  }

  private static void collect(Checkpointer checkpointer) {
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
  }

  private static List<String> names(Checkpointer checkpointer) {
    return checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG);
  }

  private void assertRestored(String name, byte[] leftState, byte[] rightState) {
    collect(to);
    left.wipe();
    right.wipe();
    to.groups().restore(name, kernels).block(LONG);
    assertThat(left.state()).isEqualTo(leftState);
    assertThat(right.state()).isEqualTo(rightState);
  }

  @Test
  void takesItsMembersAlongAndKeepsTheCut() {
    save();
    GroupReceipt saved = save();
    byte[] leftState = left.state();
    byte[] rightState = right.state();

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
    assertRestored(saved.name(), leftState, rightState);
    to.groups().restoreLatest("room", kernels).block(LONG);
  }

  @Test
  void leavesAGroupAloneThatIsThereAlready() {
    GroupReceipt saved = save();
    copy(saved);
    target.heal();

    GroupCopyReceipt again = copy(saved, CopyRequest.defaults().onlyIfAbsent());

    assertThat(again.changed()).isFalse();
    assertThat(again.copied()).isZero();
    assertThat(again.group()).isEqualTo(to.groups().info(saved.name()).block(LONG));
    assertThat(target.calls).noneMatch(call -> call.operation().equals("save"));
  }

  @Test
  void aCopyOfACopyIsTheSameGroup() {
    GroupReceipt saved = save();
    copy(saved);

    GroupCopyReceipt back =
        to.groups().copy(saved.name(), from, CopyRequest.defaults()).block(LONG);

    assertThat(back.changed()).isFalse();
  }

  @Test
  void tagsAndTheMarkOfASavepointComeAlong() {
    GroupReceipt saved = save();
    from.tag(member(saved, 1), "good").block(LONG);

    copy(saved);

    assertThat(to.info(member(saved, 1)).block(LONG).tags()).isEqualTo(Set.of("good"));
    assertThat(to.info(member(saved, 0)).block(LONG).tags()).isEmpty();
  }

  @Test
  void goesUnderAnotherNameWhileItsMembersKeepTheirs() {
    GroupReceipt saved = save();

    GroupCopyReceipt receipt = copy(saved, CopyRequest.defaults().as("archived"));

    assertThat(receipt.name()).isEqualTo("archived");
    assertThat(names(to)).containsExactlyInAnyOrder("archived", member(saved, 0), member(saved, 1));
    assertRestored("archived", left.state(), right.state());
    assertThatThrownBy(() -> copy(saved, CopyRequest.defaults().as(".rkcp/x")))
        .isInstanceOf(InvalidNameException.class);
  }

  @Test
  void copiesWithinAStoreWithoutSendingAnything() {
    GroupReceipt saved = save();

    GroupCopyReceipt receipt =
        from.groups().copy(saved.name(), from, CopyRequest.defaults().as("twin")).block(LONG);

    assertThat(receipt.copied()).isZero();
    assertThat(receipt.members()).noneMatch(CopyReceipt::changed);
    assertThat(source.list(StoreNames.OBJECTS).count().block(LONG)).isEqualTo(2);
    from.delete(saved.name()).block(LONG);
    from.groups().restore("twin", kernels).block(LONG);
  }

  @Test
  void flattensItsMembersWhenAskedAlsoThoseThatAreThere() {
    save();
    GroupReceipt saved = save();
    byte[] leftState = left.state();
    byte[] rightState = right.state();
    copy(saved);

    GroupCopyReceipt flat = copy(saved, CopyRequest.defaults().flattened());
    GroupCopyReceipt again = copy(saved, CopyRequest.defaults().flattened());

    assertThat(flat.changed()).isTrue();
    assertThat(flat.group().members()).allMatch(one -> one.ancestors().isEmpty());
    assertThat(again.changed()).isFalse();
    assertRestored(saved.name(), leftState, rightState);
    assertThat(target.list(StoreNames.OBJECTS).count().block(LONG)).isEqualTo(2);
  }

  @Test
  void refersToTheObjectsThatItsMembersHaveThere() {
    GroupReceipt saved = save();
    byte[] leftState = left.state();
    copy(saved);
    to.delete(saved.name()).block(LONG);
    to.delete(member(saved, 0)).block(LONG);
    // Condemns its object, and leaves it for an hour: a copy has to take another one.
    to.collect().block(LONG);

    GroupCopyReceipt again = copy(saved);

    assertThat(again.group().members().get(0).objectId())
        .isNotEqualTo(saved.members().get(0).checkpoint().objectId());
    assertRestored(saved.name(), leftState, right.state());
  }

  @Test
  void replacesWhatIsUnderItsNameUnlessToldNotTo() {
    GroupReceipt first = save();
    GroupReceipt second = save();
    byte[] leftState = left.state();
    byte[] rightState = right.state();
    copy(first, CopyRequest.defaults().as("kept"));

    assertThatThrownBy(() -> copy(second, CopyRequest.defaults().as("kept").onlyIfAbsent()))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(names(to)).doesNotContain(member(second, 0), member(second, 1));
    GroupCopyReceipt receipt = copy(second, CopyRequest.defaults().as("kept"));

    assertThat(receipt.changed()).isTrue();
    assertThat(to.groups().info("kept").block(LONG).cut()).isEqualTo(second.cut());
    assertRestored("kept", leftState, rightState);
  }

  @Test
  void aMemberWhoseOwnCheckpointWasRemovedIsCopiedAsTheGroupHasIt() {
    GroupReceipt saved = save();
    byte[] leftState = left.state();
    from.delete(member(saved, 0)).block(LONG);
    collect(from);

    copy(saved);

    assertThat(names(to)).contains(member(saved, 0));
    assertRestored(saved.name(), leftState, right.state());
  }

  @Test
  void aMemberWhoseNameStandsForSomethingElseReplacesNothing() {
    GroupReceipt saved = save();
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
    GroupReceipt saved = save();
    CorruptingStorage bad = CorruptingStorage.around(source);
    bad.flip(StoreNames.object(saved.members().get(1).checkpoint().objectId()), 30_000, 4);
    Checkpointer damaged = Checkpointer.builder(bad).codec(codec).build();

    assertThatThrownBy(
            () -> damaged.groups().copy(saved.name(), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasCauseInstanceOf(CorruptCheckpointException.class);

    assertThat(names(to)).containsExactly(member(saved, 0));
    damaged.close().block(LONG);
    copy(saved);
    assertRestored(saved.name(), left.state(), right.state());
  }

  @Test
  void isNotThereWhenAMemberIsRemovedThereMeanwhile() {
    GroupReceipt saved = save();
    target.before(
        call -> call.operation().equals("save") && call.name().equals(saved.name()),
        () -> {
          to.delete(member(saved, 0)).block(LONG);
          // The group's pin keeps the object: what the manifest is about to name stays.
          collect(to);
        });

    copy(saved);

    assertThat(names(to)).doesNotContain(member(saved, 0));
    assertRestored(saved.name(), left.state(), right.state());
  }

  @Test
  void aCheckpointIsNoGroupAndAGroupNoCheckpoint() {
    GroupReceipt saved = save();

    assertThatThrownBy(
            () -> from.groups().copy(member(saved, 0), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("no group");
    assertThatThrownBy(() -> from.copy(saved.name(), to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("it is a group");
    assertThatThrownBy(() -> from.groups().copy("none", to, CopyRequest.defaults()).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(names(to)).isEmpty();
  }
}
