package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.NoneRestorableException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is kept for a group until it is committed, and which of its cuts is restored. */
@Timeout(120)
class GroupCommitTest {

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final Checkpointer other = Checkpointer.builder(storage).parallelism(1).build();
  private final HeldKernel left = new HeldKernel("left");
  private final HeldKernel right = new HeldKernel("right");
  private final List<QuiescableKernel> kernels = List.of(left.kernel(), right.kernel());

  @AfterEach
  void close() {
    assertThat(left.runs()).isTrue();
    assertThat(right.runs()).isTrue();
    other.close().block(LONG);
  }

  private GroupReceipt save(long value) {
    left.set(value);
    right.set(value);
    return checkpointer.groups().save("g", kernels).block(LONG);
  }

  private void removeMembersAndCollect() {
    other
        .list("")
        .filter(listed -> !listed.name().startsWith("g/"))
        .concatMap(listed -> other.delete(listed.name()))
        .blockLast(LONG);
    other.collect(AT_ONCE).block(LONG);
  }

  @Test
  void keepsItsMembersObjectsUntilTheManifestIsThere() {
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith("g/"),
        this::removeMembersAndCollect);

    GroupReceipt receipt = save(7);

    assertThat(checkpointer.verify(receipt.name(), VerifyDepth.FULL).block(LONG).isWhole())
        .isTrue();
    save(8);
    checkpointer.groups().restore(receipt.name(), kernels).block(LONG);
    assertThat(left.value()).isEqualTo(7);
    assertThat(store.count(StoreNames.PINS)).isZero();
  }

  @Test
  void failsWhenAMemberWasRemovedBeforeItWasPinned() {
    AtomicInteger pins = new AtomicInteger();
    storage.before(
        call ->
            call.operation().equals("save")
                && call.name().startsWith(StoreNames.PINS)
                && pins.incrementAndGet() == 3,
        this::removeMembersAndCollect);

    assertThatThrownBy(() -> save(7))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("removed before the group was committed");

    assertThat(checkpointer.list("").count().block(LONG)).isZero();
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).objects()).isZero();
  }

  @Test
  void isRefusedWhenItsCoordinatorWasHeldDead() {
    storage.before(
        call -> call.savesEntry() && call.name().startsWith("g/"),
        () -> {
          breakPins();
          assertThat(other.collect(AT_ONCE).block(LONG).notes())
              .anyMatch(note -> note.contains("lease") && note.contains("'g/"));
        });

    assertThatThrownBy(() -> save(7))
        .isInstanceOfAny(
            StorageException.class, io.ringkernel.checkpoint.error.ChangedMeanwhileException.class);
    assertThat(checkpointer.list("").ofType(GroupInfo.class).count().block(LONG)).isZero();
    checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(store.count("g/")).isZero();
  }

  @Test
  void isRefusedWhenItsPinWasBrokenBeforeItIsAskedFor() {
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith("g/"), this::breakPins);

    assertThatThrownBy(() -> save(7))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("gave no sign of life");
    assertThat(StoreFixture.names(checkpointer)).isEmpty();
  }

  private void breakPins() {
    SmallObjects small = new SmallObjects(storage);
    storage
        .list(StoreNames.PINS)
        .concatMap(pin -> small.read(pin.name(), RecordKind.PIN))
        .concatMap(
            start ->
                small.write(
                    start.object().name(),
                    PinRecord.decode(start.bytes()).asBroken().encode(),
                    start.object().version()))
        .blockLast(LONG);
  }

  @Test
  void theNewestCutThatIsWholeIsRestored() {
    GroupReceipt whole = save(1);
    GroupReceipt damaged = save(2);
    checkpointer
        .groups()
        .save(GroupRequest.of("another"), List.of(new HeldKernel("third").kernel()))
        .block(LONG);
    GroupReceipt gone = save(3);
    damage(damaged, 1);
    ObjectId object = gone.members().get(0).checkpoint().objectId();
    storage.delete(StoreNames.object(object), null).block(LONG);
    save(4);
    String newest = checkpointer.groups().restoreLatest("g", kernels).block(LONG).group().name();
    assertThat(left.value()).isEqualTo(4);
    checkpointer.delete(newest).block(LONG);

    GroupRestoreReceipt receipt = checkpointer.groups().restoreLatest("g", kernels).block(LONG);

    assertThat(receipt.group().name()).isEqualTo(whole.name());
    assertThat(left.value()).isEqualTo(1);
    assertThat(right.value()).isEqualTo(1);
    assertThat(receipt.skipped())
        .extracting(SkippedCheckpoint::name)
        .containsExactly(gone.name(), damaged.name());
  }

  private void damage(GroupReceipt group, int member) {
    ObjectId object = group.members().get(member).checkpoint().objectId();
    byte[] bytes = BareFiles.stored(storage, StoreNames.object(object));
    bytes[bytes.length - 1] ^= 1;
    BareFiles.put(storage, StoreNames.object(object), bytes);
  }

  @Test
  void saysWhyNoCutCanBeRestored() {
    assertThatThrownBy(() -> checkpointer.groups().restoreLatest("g", kernels).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("no cut of this group");
    GroupReceipt receipt = save(1);
    String damaged = receipt.name();
    damage(receipt, 0);

    assertThatThrownBy(() -> checkpointer.groups().restoreLatest("g", kernels).block(LONG))
        .isInstanceOfSatisfying(
            NoneRestorableException.class,
            e -> {
              assertThat(e.subject()).isEqualTo("g");
              assertThat(e.reasons()).containsOnlyKeys(damaged);
            })
        .hasMessageContaining("don't begin anew");
    assertThatThrownBy(
            () -> checkpointer.groups().restoreLatest("g", kernels.subList(0, 1)).block(LONG))
        .isInstanceOf(GroupException.class);
  }

  private static long crc32(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    return crc.getValue();
  }

  @Test
  void recordsOfCutsAreRemovedWhenTheirTimeIsOver() {
    SmallObjects small = new SmallObjects(storage);
    write(small, "over", Cut.Phase.COMMITTED, Duration.ofDays(1));
    write(small, "dead", Cut.Phase.CAPTURE, Duration.ofMinutes(1));
    write(small, "patient", Cut.Phase.RESUME, Duration.ofDays(1));
    storage.put(
        StoreNames.CUTS + "later", "rkcp-cut 2\ncrc32 %08x\n".formatted(crc32("rkcp-cut 2\n")));
    storage.put(StoreNames.CUTS + "damaged", "rkcp-cut 1\nphase sleep\n");
    CutRecords cuts = new CutRecords(new SpaceReserve(storage), small);
    Instant now = storage.stat(StoreNames.cut("over")).block(LONG).lastModified();

    cuts.tidy(now.plus(CutRecords.KEPT)).block(LONG);
    assertThat(store.count(StoreNames.CUTS)).isEqualTo(5);

    cuts.tidy(now.plus(CutRecords.KEPT.multipliedBy(2))).block(LONG);
    assertThat(storage.list(StoreNames.CUTS).map(object -> object.name()).collectList().block(LONG))
        .containsExactly(StoreNames.CUTS + "later", StoreNames.cut("patient"));
  }

  private static void write(SmallObjects small, String group, Cut.Phase phase, Duration timeout) {
    CutRecord record =
        CutRecord.opened(group, ObjectId.random(), timeout, List.of()).at(phase, HlcTimestamp.ZERO);
    small.write(StoreNames.cut(group), record.encode(), null).block(LONG);
  }
}
