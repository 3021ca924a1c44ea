package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.format.EncodeOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Version2WriterTest {
  private final WriterFixture fixture = new WriterFixture(2);

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void writesBlocksBackToBack() {
    byte[] state = Bytes.random(3 * 4096 + 100, 1);
    WrittenFile file =
        fixture.write(
            checkpoint(region("a", state)), EncodeOptions.builder().blockSize(4096).build());
    assertThat(file.blocks()).hasSize(4);
    assertThat(fixture.buffers.open()).isZero();
  }
}
