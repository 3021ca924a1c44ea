package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whole-chunk deltas of version 1 in a store: written on request, and found a base for. */
class Version1DeltaTest {
  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = Checkpointer.builder(storage).build();
  private final Checkpointer version1 = Checkpointer.builder(storage).formatVersion(1).build();
  private final ChangingKernel kernel =
      new ChangingKernel("fdtd").region("a", 2, 1).region("b", 1, 2);

  @AfterEach
  void close() {
    assertThat(kernel.open.get()).isZero();
    assertThat(storage.openBuffers.get()).isZero();
    checkpointer.close().block(LONG);
    version1.close().block(LONG);
    storage.close().block(LONG);
  }

  @Test
  void isWrittenOnRequestAndRestoredOnItsBase() {
    SaveReceipt base = version1.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("b", 0);

    SaveReceipt delta =
        version1
            .save(kernel, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")))
            .block(LONG);

    assertThat(delta.formatVersion()).isEqualTo(1);
    assertThat(delta.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(delta.base()).isEqualTo(base.objectId());
    assertThat(delta.changed()).isEqualTo(kernel.regions.get("b").length);
    assertThat(version1.info("delta").block(LONG).ancestors()).containsExactly(base.objectId());
    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
  }

  @Test
  void isReadForwardWithoutDecompressingAnewForEachPiece() {
    Checkpointer compressing =
        Checkpointer.builder(storage).formatVersion(1).compression(Compression.of("zstd")).build();
    byte[] compressible = new byte[4 << 20];
    new Random(3).ints(compressible.length / 16).forEach(i -> compressible[i >>> 10] = (byte) i);
    kernel.regions.put("b", compressible);
    compressing.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("b", 0);
    compressing
        .save(kernel, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")))
        .block(LONG);

    try (Checkpoint delta = compressing.load("delta").block(LONG)) {
      ChunkContent content = delta.region("b").orElseThrow().content();
      ByteBuffer piece = ByteBuffer.allocate(10_000);
      storage.bytesRead.set(0);
      for (long at = 0; at < content.size(); at += piece.capacity()) {
        content.read(at, piece.clear()).block(LONG);
      }
      assertThat(storage.bytesRead.get()).isLessThan(content.size());
    }
    compressing.close().block(LONG);
  }

  @Test
  void isNeverWrittenUnasked() {
    version1.save(kernel).block(LONG);

    assertThat(version1.save(kernel).block(LONG).kind()).isEqualTo(CheckpointKind.FULL);
  }

  @Test
  void aChangeThatItCanNotTellMakesAFullOne() {
    version1.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.regions.remove("a");

    SaveReceipt receipt =
        version1
            .save(kernel, SaveRequest.defaults().named("next").base(BaseChoice.named("base")))
            .block(LONG);

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.notes()).singleElement().asString().contains("gone");
    assertThat(TestStates.loaded(checkpointer, "next")).isEqualTo(kernel.bytes());
  }

  /** A delta from elsewhere: a bare file that names its base by a digest only. */
  private void putBareDelta(String name) {
    BareFiles.put(storage, name, delta());
  }

  private byte[] delta() {
    try (Checkpoint before = kernel.state()) {
      kernel.touch("b", 0);
      try (Checkpoint after = kernel.state()) {
        return BareFiles.encoded(WholeChunkDelta.between(before, "base", after).block(LONG), 1);
      }
    }
  }

  private SaveReceipt importDelta(byte[] file, SaveRequest request) {
    return checkpointer.importFile(ChunkContent.of(file), request).block(LONG);
  }

  @Test
  void anImportRecordsTheOneBaseWithItsDigest() {
    SaveReceipt base = checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    byte[] file = delta();
    Map<String, ByteBuffer> state = kernel.bytes();
    kernel.touch("a", 0);
    checkpointer
        .save(kernel, SaveRequest.defaults().named("next").base(BaseChoice.full()))
        .block(LONG);

    SaveReceipt receipt = importDelta(file, SaveRequest.defaults().named("delta").savepoint(true));

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(receipt.base()).isEqualTo(base.objectId());
    assertThat(receipt.notes()).isEmpty();
    assertThat(checkpointer.info("delta").block(LONG).ancestors()).containsExactly(base.objectId());
    kernel.touch("a", 0);
    checkpointer
        .save(kernel, SaveRequest.defaults().named("last").base(BaseChoice.full()))
        .block(LONG);
    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    assertThat(checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactly("delta", "last");
    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(state);
    storage.heal();
    assertThat(checkpointer.verify("delta", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    assertThat(storage.count("list", "")).isZero();
  }

  @Test
  void anImportRecordsTheBaseThatIsNamedIfItHasTheDigest() {
    SaveReceipt base = checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    byte[] file = delta();
    checkpointer
        .save(kernel, SaveRequest.defaults().named("wrong").base(BaseChoice.full()))
        .block(LONG);
    storage.heal();

    assertThatThrownBy(
            () ->
                importDelta(
                    file, SaveRequest.defaults().named("delta").base(BaseChoice.named("wrong"))))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("'wrong'");
    assertThat(storage.count("save", "")).isZero();

    SaveReceipt receipt =
        importDelta(file, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")));
    assertThat(receipt.base()).isEqualTo(base.objectId());
  }

  @Test
  void anImportWithoutItsBaseSaysThatNoneIsRecorded() {
    byte[] file = delta();

    SaveReceipt receipt = importDelta(file, SaveRequest.defaults().named("delta"));

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(receipt.notes()).singleElement().asString().contains("not recorded", "digest");
    assertThat(checkpointer.info("delta").block(LONG).ancestors()).isEmpty();
    assertThat(
            importDelta(file, SaveRequest.defaults().named("unasked").base(BaseChoice.full()))
                .notes())
        .isEmpty();
  }

  @Test
  void anImportRecordsNoBaseThatIsABareFile() {
    try (Checkpoint state = kernel.state()) {
      BareFiles.put(storage, "bare", state, 1);
    }

    SaveReceipt receipt = importDelta(delta(), SaveRequest.defaults().named("delta"));

    assertThat(receipt.notes()).singleElement().asString().contains("'bare'", "import it first");
    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
  }

  @Test
  void pruningKeepsWhatCouldBeItsBase() {
    checkpointer
        .save(kernel, SaveRequest.defaults().named("base").base(BaseChoice.full()))
        .block(LONG);
    putBareDelta("delta");
    kernel.touch("a", 0);
    checkpointer
        .save(kernel, SaveRequest.defaults().named("next").base(BaseChoice.full()))
        .block(LONG);
    kernel.touch("a", 0);
    checkpointer
        .save(kernel, SaveRequest.defaults().named("last").base(BaseChoice.full()))
        .block(LONG);

    PruneReport report = checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);

    assertThat(report.decisions())
        .allSatisfy(one -> assertThat(one.fate()).isEqualTo(PruneReport.Fate.KEPT))
        .filteredOn(one -> one.checkpoint().name().equals("base"))
        .singleElement()
        .satisfies(one -> assertThat(one.reasons()).singleElement().asString().contains("upon it"));
    assertThat(checkpointer.verify("delta", VerifyDepth.QUICK).block(LONG).isWhole()).isTrue();

    checkpointer.delete("delta").block(LONG);
    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);
    assertThat(checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactly("last");
  }

  @Test
  void isNotWholeWithoutItsBase() {
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    putBareDelta("delta");
    checkpointer.delete("base").block(LONG);

    VerifyReport report = checkpointer.verify("delta", VerifyDepth.QUICK).block(LONG);

    assertThat(report.isWhole()).isFalse();
    assertThat(report.finding()).isInstanceOf(BaseMismatchException.class);
  }

  @Test
  void theOneFullCheckpointOfTheKernelWithTheDigestIsItsBase() {
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    checkpointer
        .save(new ChangingKernel("other").region("a", 2, 1), SaveRequest.defaults().named("other"))
        .block(LONG);
    putBareDelta("delta");

    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
    StillKernel restored = new StillKernel("fdtd", 0);
    checkpointer.restore(restored, "delta").block(LONG);
    assertThat(restored.state()).isEqualTo(kernel.bytes());
  }

  @Test
  void withoutABaseItIsRefusedByItsDigest() {
    putBareDelta("delta");

    assertThatThrownBy(() -> checkpointer.load("delta").block(LONG))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("name the base");
  }

  @Test
  void aBaseOfTheCallersChoiceIsChecked() {
    checkpointer.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    putBareDelta("delta");
    checkpointer.save(kernel, SaveRequest.defaults().named("wrong")).block(LONG);

    try (Checkpoint loaded = checkpointer.load("delta", "base").block(LONG)) {
      assertThat(TestStates.bytes(loaded)).isEqualTo(kernel.bytes());
    }
    assertThatThrownBy(() -> checkpointer.load("delta", "wrong").block(LONG))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("'wrong'")
        .hasMessageContaining("digest");
  }

  /** Chunks of unknown types don't count in the digest, so that contents differ with one digest. */
  private void saveWithUnknown(String name, int value) {
    try (Checkpoint state = kernel.state()) {
      DataChunk unknown =
          DataChunk.of(new ChunkType(77), 0, ChunkContent.of(new byte[] {(byte) value}));
      List<DataChunk> chunks = new java.util.ArrayList<>(state.chunks());
      chunks.add(unknown);
      checkpointer.save(name, Checkpoint.of(state.metadata(), chunks, () -> {})).block(LONG);
    }
  }

  @Test
  void twoCandidatesOfDifferentContentAreRefusedAndOfTheSameAreNot() {
    saveWithUnknown("one", 1);
    saveWithUnknown("same", 1);
    putBareDelta("delta");
    try (Checkpoint loaded = checkpointer.load("delta").block(LONG)) {
      assertThat(loaded.chunks()).hasSize(4);
    }
    ChangingKernel original = new ChangingKernel("fdtd").region("a", 2, 1).region("b", 1, 2);
    kernel.regions.putAll(original.regions);
    saveWithUnknown("two", 2);

    assertThatThrownBy(() -> checkpointer.load("delta").block(LONG))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("'one'")
        .hasMessageContaining("'two'");
  }

  @Test
  void flattenMakesItAFullOne() {
    version1.save(kernel, SaveRequest.defaults().named("base")).block(LONG);
    kernel.touch("b", 0);
    version1
        .save(kernel, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")))
        .block(LONG);

    checkpointer.flatten("delta").block(LONG);
    checkpointer.delete("base").block(LONG);

    assertThat(checkpointer.info("delta").block(LONG).kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(checkpointer.info("delta").block(LONG).ancestors()).isEmpty();
    assertThat(TestStates.loaded(checkpointer, "delta")).isEqualTo(kernel.bytes());
  }
}
