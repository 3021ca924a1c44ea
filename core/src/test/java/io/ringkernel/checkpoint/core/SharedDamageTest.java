package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is said of damage in an object that several checkpoints have blocks in. */
class SharedDamageTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer =
      Checkpointer.builder(storage)
          .parallelism(1)
          .fullPolicy(FullPolicy.defaults().maxRestoreCost(Double.POSITIVE_INFINITY))
          .clock(Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC))
          .build();
  private final ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
  private ObjectId base;

  @BeforeEach
  void saveFullAndDeltas() {
    base = save("full").objectId();
    save("second");
    save("third");
  }

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private SaveReceipt save(String name) {
    kernel.touch("p", 1);
    kernel.step++;
    SaveRequest request = SaveRequest.defaults().named(name).base(BaseChoice.latest());
    return checkpointer.save(kernel, request).block(LONG);
  }

  /** A byte of a block that the deltas have there. */
  private void damageBase() {
    damage(base, 2);
  }

  private void damage(ObjectId object, int part) {
    byte[] file = BareFiles.stored(storage, StoreNames.object(object));
    file[file.length / part] ^= 1;
    BareFiles.put(storage, StoreNames.object(object), file);
  }

  private CheckpointException found(String name, VerifyDepth depth) {
    return checkpointer.verify(name, depth).block(LONG).finding();
  }

  @Test
  void verifyingADeltaNamesTheCheckpointThatIsDamagedAndTheOthers() {
    damageBase();

    CheckpointException found = found("third", VerifyDepth.FULL);

    assertThat(found)
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("in ancestor " + base)
        .hasMessageEndingWith("; this is the object of 'full'; 'second' may need it, too");
    assertThat((CorruptCheckpointException) found)
        .returns(Optional.of(base.hex()), CorruptCheckpointException::ancestor)
        .satisfies(e -> assertThat(e.offset()).isPositive());
    assertThat(found("full", VerifyDepth.FULL)).message().doesNotContain("this is the object");
  }

  @Test
  @Timeout(60)
  void isToldWithoutNamesWhenTheStorageDoesNotListThem() {
    damageBase();
    storage.failWhen(call -> call.operation().equals("list"), ScriptedStorage.Fault.HANG);

    for (String name : List.of("third", "second")) {
      assertThat(found(name, VerifyDepth.FULL))
          .message()
          .contains("in ancestor " + base)
          .doesNotContain("the object of")
          .doesNotContain("may need it");
    }
    assertThat(storage.count("list", "")).isOne();
    storage.heal();
  }

  @Test
  void verifyingManyReadsEntriesOnce() {
    damageBase();
    found("second", VerifyDepth.FULL);
    storage.heal();

    assertThat(found("third", VerifyDepth.FULL)).hasMessageContaining("object of 'full'");
    assertThat(storage.count("list", "")).isZero();
  }

  @Test
  void restoringADeltaNamesThem() {
    damageBase();

    assertThatThrownBy(() -> checkpointer.restore(kernel, "second").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageEndingWith("; this is the object of 'full'; 'third' may need it, too");
  }

  @Test
  void anObjectThatIsGoneIsToldOfInTheSameWay() {
    storage.delete(StoreNames.object(base)).block(LONG);

    assertThat(found("second", VerifyDepth.QUICK))
        .isInstanceOfSatisfying(
            BaseMismatchException.class, e -> assertThat(e.base()).isEqualTo(base.hex()))
        .hasMessageContaining("' is missing: put it back from a copy or a backup")
        .hasMessageEndingWith("; this is the object of 'full'; 'third' may need it, too");
  }

  @Test
  void copyingADeltaSaysWhichObjectTheDamageIsIn() {
    damageBase();
    Checkpointer target = Checkpointer.builder("memory:").build();

    assertThatThrownBy(
            () -> checkpointer.copy("second", target, CopyRequest.defaults()).block(LONG))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class, e -> assertThat(e.ancestor()).contains(base.hex()))
        .hasMessageEndingWith(" in ancestor " + base);
    assertThatThrownBy(() -> checkpointer.copy("full", target, CopyRequest.defaults()).block(LONG))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class, e -> assertThat(e.ancestor()).isEmpty())
        .message()
        .doesNotContain("ancestor");
    target.close().block(LONG);
  }

  @Test
  void saysThatTheCheckpointOfTheObjectIsRemoved() {
    checkpointer.delete("full").block(LONG);
    checkpointer.delete("second").block(LONG);
    damageBase();

    assertThat(found("third", VerifyDepth.FULL))
        .hasMessageEndingWith("; the checkpoint that this object was written for is not there");
  }

  @Test
  void namesTheGroupsThatKeepAnObject() {
    FieldPair room = new FieldPair();
    GroupReceipt first = room.save(checkpointer);
    GroupReceipt second = room.save(checkpointer);
    checkpointer.delete(FieldPair.member(first, 0)).block(LONG);
    damage(first.members().get(0).checkpoint().objectId(), 8);

    assertThat(found(FieldPair.member(second, 0), VerifyDepth.FULL))
        .message()
        .contains("; the checkpoint that this object was written for is not there; '")
        .contains("'" + first.name() + "'", "'" + second.name() + "'")
        .endsWith(" may need it, too");
  }

  @Test
  void listsOnlySome() {
    for (int i = 0; i < 4; i++) {
      save("z" + i);
    }
    damageBase();

    assertThat(found("z0", VerifyDepth.FULL))
        .hasMessageEndingWith("'second', 'third', 'z1' and 2 more may need it, too");
  }

  @Test
  void readsNoEntryOfOthersWhenAllIsWell() {
    storage.heal();

    assertThat(checkpointer.verify("third", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    checkpointer.restore(kernel, "third").block(LONG);

    assertThat(storage.count("list", "")).isZero();
    assertThat(storage.count("read", "second")).isZero();
  }

  @Test
  void tellsTheDamageAllTheSameWhenEntriesCanNotBeListed() {
    damageBase();
    storage.failWhen(call -> call.operation().equals("list"), ScriptedStorage.Fault.FAIL);

    assertThat(found("third", VerifyDepth.FULL)).hasMessageContaining("in ancestor " + base);
  }
}
