package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first bytes tell which version a file is, or that it is none. */
class FilePrefixTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void tellsTheVersion(int version) {
    assertThat(version(prefix(FilePrefix.MAGIC, version))).isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, -1})
  void refusesAnotherVersionByName(int version) {
    assertThatThrownBy(() -> version(prefix(FilePrefix.MAGIC, version)))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContaining("version " + Integer.toUnsignedString(version))
        .hasMessageContaining("supported: [1, 2]");
  }

  @Test
  void refusesAnotherKindOfFile() {
    assertThatThrownBy(() -> version(prefix(FilePrefix.MAGIC + 1, 1)))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("offset 0")
        .hasMessageContaining("magic number");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8, 11})
  void refusesAFileThatIsTooShort(int length) {
    byte[] whole = prefix(FilePrefix.MAGIC, 1);

    assertThatThrownBy(() -> version(Arrays.copyOf(whole, length)))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("offset " + length + ": it ends here");
  }

  private static byte[] prefix(long magic, int version) {
    ByteBuffer bytes = new ByteWriter(12).u64(magic).u32(version).view();
    byte[] copy = new byte[12];
    bytes.get(copy);
    return copy;
  }

  private static int version(byte[] file) {
    return FilePrefix.version(ChunkContent.of(file)).blockOptional().orElseThrow();
  }
}
