package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.format.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are stored as they are: copies from another store, and files from elsewhere. */
class ImportTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void copiesFromStoreToStoreByteForByte(int version) {
    Checkpointer source =
        Checkpointer.builder("memory:")
            .formatVersion(version)
            .compression(Compression.of("zstd"))
            .build();
    SaveReceipt saved = source.save("a", TestStates.of("fdtd", 8, 9_000_000)).block(LONG);

    SaveReceipt receipt =
        source
            .fileContent("a")
            .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
            .block(LONG);

    assertThat(receipt.stored()).isEqualTo(saved.stored());
    assertThat(receipt.captured()).isEqualTo(saved.captured());
    assertThat(receipt.step()).isEqualTo(8);
    if (version == 2) {
      assertThat(receipt.objectId()).isEqualTo(saved.objectId());
      assertThat(receipt.codec()).isEqualTo("zstd");
    }
    assertThat(TestStates.loaded(checkpointer, "copy")).isEqualTo(TestStates.loaded(source, "a"));
    assertThat(checkpointer.info("copy").block(LONG).metadata())
        .isEqualTo(source.info("a").block(LONG).metadata());
    source.close().block(LONG);
  }

  @Test
  void givesASecondCopyInOneStoreAnObjectOfItsOwn() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    ChunkContent file = checkpointer.fileContent("a").block(LONG);

    SaveReceipt receipt =
        checkpointer.importFile(file, SaveRequest.defaults().named("b")).block(LONG);

    assertThat(receipt.objectId()).isNotEqualTo(checkpointer.info("a").block(LONG).objectId());
    checkpointer.delete("a").block(LONG);
    assertThat(TestStates.loaded(checkpointer, "b"))
        .isEqualTo(TestStates.bytes(TestStates.of("fdtd", 1)));
  }

  @Test
  void makesANameWhenNoneIsGiven() {
    byte[] file = BareFiles.encoded(TestStates.of("Fdtd", 5), 2);

    SaveReceipt receipt =
        checkpointer.importFile(ChunkContent.of(file), SaveRequest.defaults()).block(LONG);

    assertThat(receipt.name()).isEqualTo("_fdtd/00000000000000000005-" + receipt.objectId().hex());
  }

  @Test
  void refusesADamagedFileBeforeAnythingIsStored() {
    byte[] file = BareFiles.encoded(TestStates.of("fdtd", 5), 2);
    file[file.length / 2] ^= 1;

    assertThatThrownBy(
            () ->
                checkpointer
                    .importFile(ChunkContent.of(file), SaveRequest.defaults().named("a"))
                    .block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThat(storage.count("save", "")).isZero();
  }

  @Test
  void leavesNothingWhenItsNameIsTaken() {
    checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    byte[] file = BareFiles.encoded(TestStates.of("fdtd", 5), 2);

    assertThatThrownBy(
            () ->
                checkpointer
                    .importFile(
                        ChunkContent.of(file), SaveRequest.defaults().named("a").onlyIfAbsent())
                    .block(LONG))
        .isInstanceOf(AlreadyExistsException.class);
    assertThatThrownBy(
            () ->
                checkpointer
                    .importFile(ChunkContent.of(file), SaveRequest.defaults().named(".rkcp/x"))
                    .block(LONG))
        .isInstanceOf(InvalidNameException.class);
    assertThat(storage.list(".rkcp/objects/").count().block(LONG)).isEqualTo(1);
  }
}
