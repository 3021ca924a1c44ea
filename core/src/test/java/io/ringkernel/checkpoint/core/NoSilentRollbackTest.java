package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.NoneRestorableException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What may be whole, and can't be read here, is no reason to go back to something older, or to
 * begin anew.
 */
@Timeout(60)
class NoSilentRollbackTest {
  private static final String KERNEL = "fdtd";
  private static final int LATER = 99;
  private static final DecodeOptions SMALL_STATES = DecodeOptions.builder().maxSize(10_000).build();

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private final Checkpointer limited =
      Checkpointer.builder(storage).parallelism(1).decoding(SMALL_STATES).build();
  private final StillKernel kernel = new StillKernel(KERNEL, 0);

  @AfterEach
  void close() {
    limited.close().block(LONG);
  }

  private SaveReceipt save(String name, long step) {
    return checkpointer.save(name, TestStates.of(KERNEL, step, 1000)).block(LONG);
  }

  /** A record as a later release would have written it. */
  private void makeLater(String name) {
    String text = new String(BareFiles.stored(storage, name), StandardCharsets.US_ASCII);
    String body = text.substring(0, text.indexOf("crc32 ")).replaceFirst(" [0-9]+\n", " 2\n");
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    storage.put(name, body + "crc32 " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n");
  }

  /** A file's header says another version than it has. */
  private void setVersion(SaveReceipt receipt) {
    String object = StoreNames.object(receipt.objectId());
    byte[] bytes = BareFiles.stored(storage, object);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(8, LATER);
    BareFiles.put(storage, object, bytes);
  }

  private void damage(SaveReceipt receipt) {
    String object = StoreNames.object(receipt.objectId());
    byte[] bytes = BareFiles.stored(storage, object);
    bytes[bytes.length / 2] ^= 1;
    BareFiles.put(storage, object, bytes);
  }

  private void assertEndsWith(Class<? extends Throwable> type, String... words) {
    assertThatThrownBy(() -> checkpointer.restoreLatest(kernel).block(LONG))
        .isInstanceOf(type)
        .hasMessageContainingAll(words);
    assertThat(kernel.restoredStep()).isEqualTo(-1);
  }

  @Test
  void endsWhereTheNewestIsOfALaterVersion() {
    save("1", 1);
    save("2", 2);
    Entry entry = Entry.decode(BareFiles.stored(storage, "2"));
    StoredFile file = entry.file();
    StoredFile later =
        new StoredFile(
            file.objectId(),
            LATER,
            file.kind(),
            file.rootHash(),
            file.headerCrc32(),
            file.fileSize(),
            file.stateSize(),
            file.codec(),
            file.ancestors());
    BareFiles.put(storage, "2", entry.withFile(later).encode());

    assertEndsWith(
        UnsupportedVersionException.class,
        "'2': format version 99",
        "newer release",
        "nothing older was restored",
        "by its name");
    checkpointer.restore(kernel, "1").block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(1);
  }

  @Test
  void endsWhereTheEntryOfTheNewestIsALaterReleases() {
    save("1", 1);
    save("2", 2);
    makeLater("2");

    assertEndsWith(UnsupportedVersionException.class, "'2': ", "by its name");
  }

  @Test
  void endsWhereTheHeadIsALaterReleases() {
    save("1", 1);
    makeLater(StoreNames.head(KERNEL));

    assertEndsWith(UnsupportedVersionException.class, StoreNames.head(KERNEL), "by its name");
    checkpointer.restore(kernel, "1").block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(1);
  }

  @Test
  void endsWhereOneThatWasListedIsALaterReleases() {
    save("1", 1);
    SaveReceipt unnamed = checkpointer.save(new StillKernel(KERNEL, 2)).block(LONG);
    damage(save("3", 3));
    makeLater(unnamed.name());

    assertEndsWith(UnsupportedVersionException.class, "'" + unnamed.name() + "'");
  }

  @Test
  void passesOverAnObjectWhoseVersionIsNotTheOneItWasSavedWith() {
    save("1", 1);
    setVersion(save("2", 2));

    RestoreReceipt receipt = checkpointer.restoreLatest(kernel).block(LONG);

    assertThat(receipt.checkpoint().name()).isEqualTo("1");
    assertThat(receipt.skipped())
        .singleElement()
        .extracting(SkippedCheckpoint::reason)
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void endsWhereTheNewestIsAboveALimit() {
    save("1", 1);
    checkpointer.save("2", TestStates.of(KERNEL, 2, 50_000)).block(LONG);

    assertThatThrownBy(() -> limited.restoreLatest(kernel).block(LONG))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContainingAll("'2': ", "raise the limit", "CheckpointerBuilder.decoding");
    assertThat(kernel.restoredStep()).isEqualTo(-1);
    limited.restore(kernel, "1").block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(1);
  }

  @Test
  void whatIsBeyondThisReleaseOrItsLimitsIsToldWithItsName() {
    save("1", 1);
    checkpointer.save("2", TestStates.of(KERNEL, 2, 50_000)).block(LONG);
    makeLater("1");

    assertThatThrownBy(() -> checkpointer.load("1").block(LONG))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageStartingWith("'1': format version");
    assertThatThrownBy(() -> limited.load("2").block(LONG))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageStartingWith("'2': restored size")
        .hasMessageContaining("raise the limit");
  }

  @Test
  void goesNoFurtherBackInTheFarTierThanInTheNearOne() {
    ScriptedStorage near = new ScriptedStorage("memory:");
    Checkpointer alone = Checkpointer.builder(near).parallelism(1).build();
    alone.save("1", TestStates.of(KERNEL, 1, 1000)).block(LONG);
    alone.copy("1", checkpointer, CopyRequest.defaults()).block(LONG);
    alone.save("2", TestStates.of(KERNEL, 2, 50_000)).block(LONG);
    alone.close().block(LONG);
    Checkpointer tiers =
        Checkpointer.builder(TieredStorage.of(near, storage))
            .parallelism(1)
            .decoding(SMALL_STATES)
            .build();

    assertThatThrownBy(() -> tiers.restoreLatest(kernel).block(LONG))
        .isInstanceOf(LimitExceededException.class);

    assertThat(kernel.restoredStep()).isEqualTo(-1);
    tiers.close().block(LONG);
    near.close().block(LONG);
  }

  @Test
  void ofAGroupEndsWhereTheNewestCutIsAboveALimit() {
    List<QuiescableKernel> small = List.of(new HeldKernel("left").kernel());
    checkpointer.groups().save("g", small).block(LONG);
    DecodeOptions tiny = DecodeOptions.builder().maxSize(1).build();
    Checkpointer tight = Checkpointer.builder(storage).parallelism(1).decoding(tiny).build();

    assertThatThrownBy(() -> tight.groups().restoreLatest("g", small).block(LONG))
        .isInstanceOf(GroupException.class)
        .hasCauseInstanceOf(LimitExceededException.class)
        .hasMessageContainingAll("nothing older was restored", "no kernel was touched");
    tight.close().block(LONG);
  }

  @Test
  void ofAGroupEndsWhereACutIsALaterReleases() {
    List<QuiescableKernel> kernels = List.of(new HeldKernel("left").kernel());
    checkpointer.groups().save("g", kernels).block(LONG);
    GroupReceipt newest = checkpointer.groups().save("g", kernels).block(LONG);
    makeLater(newest.name());

    assertThatThrownBy(() -> checkpointer.groups().restoreLatest("g", kernels).block(LONG))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContainingAll("'" + newest.name() + "'", "by its name");
  }

  @Test
  void takesAKernelForSavedThatNothingWholeIsLeftOf() {
    save("chosen", 1);
    storage.put("chosen", "rkcp-entry 1\nbroken\n");

    assertEndsWith(NoneRestorableException.class, "'chosen', because: corrupt at offset");
  }

  @Test
  void takesAKernelForSavedThatOnlyADamagedHeadIsLeftOf() {
    save("1", 1);
    checkpointer.delete("1").block(LONG);
    assertEndsWith(CheckpointNotFoundException.class, "no checkpoint of this kernel");

    storage.put(StoreNames.head(KERNEL), "rkcp-head 1\nnonsense\n");

    assertEndsWith(NoneRestorableException.class, StoreNames.head(KERNEL));
  }

  @Test
  void takesWhatCanNotBeReadForAnythingsOnlyIfTheKernelWasSaved() {
    storage.put("whose", "rkcp-entry 1\nbroken\n");
    assertEndsWith(CheckpointNotFoundException.class, "no checkpoint of this kernel");

    save("1", 1);
    checkpointer.delete("1").block(LONG);

    assertEndsWith(NoneRestorableException.class, "may be this kernel's", "'whose'");
  }

  @Test
  void collectsNothingBesideWhatALaterReleaseWroteAndDoesNotAdviseToDeleteIt() {
    save("1", 1);
    makeLater("1");

    assertThatThrownBy(() -> checkpointer.collect().block(LONG))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContainingAll("'1': it can't be read", "nothing is removed", "newer release")
        .hasMessageNotContaining("deleted");
  }
}
