package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What identifies a codec: its code, its name, its levels and bounds, and that it is found. */
public abstract class CodecIdentityContract extends CodecContract {
  /** For the codec's test class. */
  protected CodecIdentityContract() {}

  @Test
  void hasTheCodeAndNameOfItsProvider() {
    CompressionCodecProvider provider = underTest().provider();
    assertThat(codec().code()).isEqualTo(provider.code());
    assertThat(codec().name()).isEqualTo(provider.name());
  }

  @Test
  void hasACodeThatFitsIntoAFile() {
    assertThat(codec().code()).isBetween(1, 255);
  }

  @Test
  void hasALowerCaseName() {
    assertThat(codec().name()).isNotBlank().isEqualTo(codec().name().toLowerCase(Locale.ROOT));
  }

  @Test
  void isFoundOnTheClassPath() {
    CompressionCodecs installed = CompressionCodecs.installed();
    assertThat(installed.names()).contains(codec().name());
    assertThat(installed.byCode(codec().code())).hasSameClassAs(codec());
    assertThat(installed.byName(codec().name())).hasSameClassAs(codec());
  }

  @Test
  void hasItsDefaultLevelAmongItsLevels() {
    assertThat(codec().defaultLevel()).isBetween(codec().minLevel(), codec().maxLevel());
  }

  @Test
  void refusesLevelsItDoesNotHave() {
    CompressionCodec codec = codec();
    for (int level :
        new int[] {
          codec.minLevel() - 1, codec.maxLevel() + 1, Integer.MIN_VALUE, Integer.MAX_VALUE
        }) {
      assertThatThrownBy(() -> codec.blockCompressor(level).close())
          .as("block compressor of level %d", level)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Integer.toString(level));
      assertThatThrownBy(() -> codec.frameCompressor(level).close())
          .as("frame compressor of level %d", level)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(Integer.toString(level));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 64 * 1024, 1024 * 1024 + 3, 1 << 30})
  void boundsABlockByAtLeastItsRawLength(int rawLength) {
    // Half of all contents can't be made smaller at all, by counting.
    assertThat(codec().maxCompressedLength(rawLength)).isGreaterThanOrEqualTo(rawLength);
  }

  @Test
  void refusesToBoundWhatIsNoLength() {
    assertThatThrownBy(() -> codec().maxCompressedLength(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
