package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class VerifyTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @ParameterizedTest
  @EnumSource(VerifyDepth.class)
  void findsNothingWrongWithWhatWasSaved(VerifyDepth depth) {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);

    VerifyReport report = checkpointer.verify("a", depth).block(LONG);

    assertThat(report).isEqualTo(new VerifyReport("a", depth, null));
  }

  @Test
  void readsTheStateOnlyInDepth() {
    SaveReceipt receipt = checkpointer.save("a", TestStates.of("fdtd", 1, 4_000_000)).block(LONG);

    storage.bytesRead.set(0);
    checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);
    assertThat(storage.bytesRead).hasValueLessThan(200_000);

    storage.bytesRead.set(0);
    checkpointer.verify("a", VerifyDepth.FULL).block(LONG);
    assertThat(storage.bytesRead).hasValueGreaterThanOrEqualTo(receipt.stored() - 200_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void seesEveryFlippedByteOfAnObject(int version) {
    Checkpointer writer = Checkpointer.builder(storage).formatVersion(version).build();
    SaveReceipt receipt = writer.save("a", TestStates.of("fdtd", 1, 600)).block(LONG);
    writer.close().block(LONG);
    String object = StoreNames.object(receipt.objectId());
    byte[] file = BareFiles.stored(storage, object);
    for (int i = 0; i < file.length; i++) {
      file[i] ^= 0x10;
      BareFiles.put(storage, object, file);
      VerifyReport report = checkpointer.verify("a", VerifyDepth.FULL).block(LONG);
      assertThat(report.finding()).describedAs("byte %s", i).isNotNull();
      file[i] ^= 0x10;
    }
  }

  @Test
  void seesAnObjectThatIsAnother() {
    SaveReceipt one = checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    SaveReceipt two = checkpointer.save("b", TestStates.of("fdtd", 2)).block(LONG);
    BareFiles.put(
        storage,
        StoreNames.object(one.objectId()),
        BareFiles.stored(storage, StoreNames.object(two.objectId())));

    VerifyReport report = checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);

    assertThat(report.finding())
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("its entry says");
    assertThatThrownBy(() -> checkpointer.load("a").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  /** Wherever it is met: at opening, in the index, or when the bytes are read. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1})
  void namesTheCheckpointThatIsDamaged(double where) {
    SaveReceipt receipt = checkpointer.save("a b", TestStates.of("fdtd", 1)).block(LONG);
    String object = StoreNames.object(receipt.objectId());
    byte[] file = BareFiles.stored(storage, object);
    file[(int) (where * (file.length - 1))] ^= 1;
    BareFiles.put(storage, object, file);
    StillKernel kernel = new StillKernel("fdtd", 0);
    RestoreOptions inOnePass = RestoreOptions.defaults().verifyWhileRestoring();

    assertThatNames("a b", checkpointer.verify("a b", VerifyDepth.FULL).block(LONG).finding());
    assertThatNames("a b", failureOf(checkpointer.restore(kernel, "a b")));
    assertThatNames("a b", failureOf(checkpointer.restore(kernel, "a b", inOnePass)));
    assertThatNames("a b", catchThrowable(() -> TestStates.loaded(checkpointer, "a b")));
  }

  private static @Nullable Throwable failureOf(Mono<?> call) {
    return catchThrowable(() -> call.block(LONG));
  }

  private static void assertThatNames(String name, @Nullable Throwable failure) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            damage -> {
              assertThat(damage.checkpoint()).hasValue(name);
              assertThat(damage.in("another")).as("the name that was met first").isSameAs(damage);
            })
        .hasMessageMatching("'" + name + "': corrupt at offset [0-9]+: (?!.*'" + name + "').*")
        .hasCauseInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void seesAnObjectThatIsGone() {
    SaveReceipt receipt = checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.delete(StoreNames.object(receipt.objectId())).block(LONG);

    VerifyReport report = checkpointer.verify("a", VerifyDepth.QUICK).block(LONG);

    assertThat(report.finding())
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining(receipt.objectId().hex());
  }

  @Test
  void seesEveryFlippedByteOfAnEntry() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "a");
    for (int i = 0; i < entry.length; i++) {
      entry[i] ^= 0x04;
      BareFiles.put(storage, "a", entry);
      assertThat(checkpointer.verify("a", VerifyDepth.QUICK).block(LONG).isWhole())
          .describedAs("byte %s", i)
          .isFalse();
      entry[i] ^= 0x04;
    }
  }

  private static Stream<Arguments> changedFields() {
    return Stream.of(
        Arguments.of("kernel-id", "fdtd", "other", "kernel id"),
        Arguments.of("kernel-type", "wave", "particles", "kernel type"),
        Arguments.of("step", "1", "2", "step"),
        Arguments.of("grid", "8 4 2", "8 4 3", "grid"),
        Arguments.of("tile", "4 4 2", "4 4 1", "tile"),
        Arguments.of("hlc", "1000001 1 7", "1000001 2 7", "HLC"),
        Arguments.of("created", null, "12345", "created_at"),
        Arguments.of("state-size", null, "225101", "state size"),
        Arguments.of("file-size", null, "77", "its entry says 77"),
        Arguments.of("root", null, "ab".repeat(32), "root hash"),
        Arguments.of("ancestors", null, "cd".repeat(16), "ancestors"));
  }

  @ParameterizedTest
  @MethodSource("changedFields")
  void seesAnEntryThatTellsSomethingElseThanItsObject(
      String key, String before, String after, String named) {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    String changed = "a";
    if (key.equals("ancestors")) {
      checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
      kernel.touch("p", 1);
      checkpointer.save(kernel, SaveRequest.defaults().named("delta")).block(LONG);
      changed = "delta";
    }
    String entry = new String(BareFiles.stored(storage, changed), StandardCharsets.US_ASCII);
    String line = "\n" + key + " " + (before == null ? "[^\n]*" : before) + "\n";
    String other = entry.replaceFirst(line, "\n" + key + " " + after + "\n");
    assertThat(other).isNotEqualTo(entry);
    storage.put(changed, withChecksum(other));

    VerifyReport report = checkpointer.verify(changed, VerifyDepth.QUICK).block(LONG);

    assertThat(report.finding())
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(named);
  }

  private static String withChecksum(String record) {
    String body = record.substring(0, record.lastIndexOf("crc32 "));
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return body + String.format("crc32 %08x\n", crc.getValue());
  }

  @Test
  void findsNothingWrongWithEntriesOfFlattenedImportedAndVersion1Files() {
    ChangingKernel kernel = new ChangingKernel("fdtd").region("p", 8, 1);
    Checkpointer version1 = Checkpointer.builder(storage).formatVersion(1).build();
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("p", 1);
    checkpointer.save(kernel, SaveRequest.defaults().named("delta")).block(LONG);
    checkpointer
        .fileContent("delta")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
        .block(LONG);
    checkpointer.flatten("delta").block(LONG);
    version1.save("full-1", TestStates.of("v1", 1)).block(LONG);
    version1
        .save(
            TestStates.of("v1", 2),
            SaveRequest.defaults().named("delta-1").base(BaseChoice.named("full-1")))
        .block(LONG);
    version1.close().block(LONG);

    List<String> names =
        checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG);
    assertThat(names).hasSize(5);
    assertThat(names)
        .allSatisfy(
            name ->
                assertThat(checkpointer.verify(name, VerifyDepth.FULL).block(LONG).finding())
                    .as(name)
                    .isNull());
  }

  @Test
  void failsWhereItCouldNotLook() {
    assertThatThrownBy(() -> checkpointer.verify("nothing", VerifyDepth.QUICK).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    storage.failAt(0, 1000, ScriptedStorage.Fault.FAIL, true);
    assertThatThrownBy(() -> checkpointer.verify("a", VerifyDepth.QUICK).block(LONG))
        .isInstanceOf(StorageException.class);
  }
}
