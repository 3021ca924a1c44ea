package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class DataChunkTest {
  private static final ChunkContent FOUR = ChunkContent.of(new byte[4]);
  private static final BlockFingerprints ONE =
      BlockFingerprints.of(65_536, FingerprintAlgorithm.XXH3_128, new byte[16]);

  @ParameterizedTest
  @CsvSource({
    "'', 30406ea523c53def",
    "pressure_a, 50653700c6865f9c",
    "a name with spaces, dff20c4b66b4f1d3",
    "ünïcödé, 00680bbd8d687820",
  })
  void namesARegionByTheReferencesHash(String name, String id) {
    assertThat(DataChunk.regionId(name)).isEqualTo(Long.parseUnsignedLong(id, 16));
  }

  @Test
  void hashesALongName() {
    assertThat(DataChunk.regionId("x".repeat(100))).isEqualTo(0x0026afd5632bbea8L);
  }

  /** Made with CPython 3.11's SipHash-1-3 under PYTHONHASHSEED=0: {@code hash(name + b"\xff")}. */
  @ParameterizedTest
  @CsvSource({
    "6, a40b78034d18df1b",
    "7, c92d713e518f1df2",
    "8, 92f145e7177d034f",
    "15, cca9c7766bc828a2",
    "16, 498fed0a0eff45a2",
  })
  void hashesNamesThatEndAroundAWholeWord(int length, String id) {
    assertThat(DataChunk.regionId("x".repeat(length))).isEqualTo(Long.parseUnsignedLong(id, 16));
  }

  @Test
  void hashesTheUtf8OfSupplementaryCharacters() {
    assertThat(DataChunk.regionId("\ud83c\udf0a")).isEqualTo(0xc85ef1cf9378c2deL);
  }

  @Test
  void refusesANameThatUtf8CanNotHold() {
    assertThatThrownBy(() -> DataChunk.regionId("a\ud800"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lone surrogate");
    assertThatThrownBy(() -> DataChunk.of(ChunkType.CUSTOM, 1, FOUR).withName("\udc00"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lone surrogate");
  }

  @Test
  void makesARegionOfNameAndContent() {
    DataChunk region = DataChunk.region("pressure_a", FOUR);

    assertThat(region.type()).isEqualTo(ChunkType.DEVICE_MEMORY);
    assertThat(region.id()).isEqualTo(0x50653700c6865f9cL);
    assertThat(region.name()).contains("pressure_a");
    assertThat(region.content()).isSameAs(FOUR);
    assertThat(region.size()).isEqualTo(4);
    assertThat(region).hasToString("device-memory 'pressure_a', 4 bytes");
  }

  @Test
  void startsWithoutNameFlagsFingerprintsAndChanges() {
    DataChunk chunk = DataChunk.of(ChunkType.CUSTOM, 0xff, FOUR);

    assertThat(chunk.name()).isEmpty();
    assertThat(chunk.flags()).isZero();
    assertThat(chunk.changedBlocks()).isEmpty();
    StepVerifier.create(chunk.fingerprints()).verifyComplete();
    assertThat(chunk).hasToString("custom 'ff', 4 bytes");
  }

  @Test
  void aNameOfItsOwnDoesNotChangeTheId() {
    DataChunk chunk = DataChunk.of(ChunkType.DEVICE_MEMORY, 7, FOUR).withName("other");

    assertThat(chunk.id()).isEqualTo(7);
    assertThat(chunk.name()).contains("other");
  }

  @Test
  void keepsEverythingElseWhenOneThingIsSet() {
    ChangedBlocks changed = ChangedBlocks.of(65_536, new BitSet());
    DataChunk chunk =
        DataChunk.of(ChunkType.CUSTOM, 5, FOUR)
            .withFingerprints(Mono.just(ONE))
            .withChangedBlocks(changed)
            .withFlags(0x8000_0001)
            .withName("n");

    assertThat(chunk.type()).isEqualTo(ChunkType.CUSTOM);
    assertThat(chunk.id()).isEqualTo(5);
    assertThat(chunk.flags()).isEqualTo(0x8000_0001);
    assertThat(chunk.changedBlocks()).contains(changed);
    StepVerifier.create(chunk.fingerprints()).expectNext(ONE).verifyComplete();
  }

  @Test
  void otherContentDropsWhatWasKnownOfTheOldBytes() {
    ChunkContent other = ChunkContent.of(ByteBuffer.allocate(9));
    DataChunk chunk =
        DataChunk.region("r", FOUR)
            .withFlags(3)
            .withFingerprints(Mono.just(ONE))
            .withChangedBlocks(ChangedBlocks.of(65_536, new BitSet()))
            .withContent(other);

    assertThat(chunk.content()).isSameAs(other);
    assertThat(chunk.flags()).isEqualTo(3);
    assertThat(chunk.name()).contains("r");
    assertThat(chunk.changedBlocks()).isEmpty();
    StepVerifier.create(chunk.fingerprints()).verifyComplete();
  }
}
