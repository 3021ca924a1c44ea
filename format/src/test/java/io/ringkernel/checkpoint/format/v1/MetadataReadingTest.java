package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A listing reads the beginning of a file, and nothing of its state. */
class MetadataReadingTest {
  private final Bench bench = Bench.with();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @ParameterizedTest
  @EnumSource
  void givesWhatOpeningGives(Golden golden) {
    CheckpointMetadata opened = bench.open(golden.file(), Bench.LENIENT).metadata();

    assertThat(read(ChunkContent.of(golden.file()), Bench.LENIENT)).isEqualTo(opened);
  }

  @Test
  void readsAFewKibibytesOfALargeFile() {
    try (RemoteContent remote = new RemoteContent(Golden.DEVICE_1MB.file())) {
      read(remote, Bench.STRICT);

      assertThat(remote.requests).containsExactly(new RemoteContent.Request(0, 4096));
    }
  }

  @Test
  void readsOnAsFarAsTheMetadataGoes() {
    byte[] file = Golden.LONG_STRINGS.file();
    int metadata = file.length - 68 - 33;

    try (RemoteContent remote = new RemoteContent(file)) {
      assertThat(read(remote, Bench.STRICT).custom()).hasSize(2);

      assertThat(remote.requests)
          .containsExactly(
              new RemoteContent.Request(0, 4096),
              new RemoteContent.Request(4096, 68 + metadata - 4096));
    }
  }

  @Test
  void isContentWithTheBeginningOfAFile() {
    byte[] beginning = Arrays.copyOf(Golden.DEVICE_1MB.file(), 1000);

    assertThat(read(ChunkContent.of(beginning), Bench.STRICT).kernelId()).isEqualTo("big");
  }

  @Test
  void refusesABeginningThatEndsWithinTheMetadata() {
    byte[] beginning = Arrays.copyOf(Golden.LONG_STRINGS.file(), 5000);

    assertThatThrownBy(() -> read(ChunkContent.of(beginning), Bench.STRICT))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("offset 64")
        .hasMessageContaining("4932 are left");
  }

  @Test
  void refusesWhatIsNoHeader() {
    assertThatThrownBy(() -> read(ChunkContent.of(new byte[63]), Bench.STRICT))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThatThrownBy(() -> read(ChunkContent.of(new byte[200]), Bench.LENIENT))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("magic number");
  }

  @Test
  void refusesBytesBehindTheMetadataUnlessLenient() {
    HandMadeFile file = HandMadeFile.small();
    file.behindMetadata = new byte[4];
    file.chunks.add(new Chunk(5, 1, new byte[9]));
    ChunkContent content = ChunkContent.of(file.bytes());

    assertThat(read(content, Bench.LENIENT).step()).isEqualTo(500);
    assertThatThrownBy(() -> read(content, Bench.STRICT))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("4 bytes too many");
  }

  private static CheckpointMetadata read(ChunkContent file, DecodeOptions options) {
    return Version1Reader.readMetadata(file, options).blockOptional(Bench.PATIENCE).orElseThrow();
  }
}
