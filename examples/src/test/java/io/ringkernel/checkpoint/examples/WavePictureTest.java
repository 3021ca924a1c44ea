package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.tck.Patience;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class WavePictureTest {
  private static final int SIZE = 8;
  private static final int WHITE = 0xfff7f7f7;
  private static final int RED = 0xff67001f;
  private static final int BLUE = 0xff053061;

  private final WaveState state = WaveState.onHeap(SIZE, null);
  private final AtomicLong bytesRead = new AtomicLong();

  WavePictureTest() {
    state.format(WaveSetup.ofSize(SIZE), HlcTimestamp.ZERO);
    state.control().stepDone();
    state.current().put(state.cell(1, 2, SIZE / 2), 0.5f);
    state.current().put(state.cell(6, 5, SIZE / 2), -0.25f);
    state.current().put(state.cell(0, 0, 0), 99);
    state.older().put(state.cell(3, 3, SIZE / 2), 99);
  }

  private Checkpoint checkpoint() {
    var builder =
        Checkpoint.builder(
            CheckpointMetadata.builder("sim", WaveKernel.TYPE)
                .gridSize(new io.ringkernel.checkpoint.Dim3(SIZE, SIZE, SIZE))
                .build());
    for (WaveState.Part part : state.parts()) {
      ChunkContent content = new Counted(ChunkContent.of(part.memory().clear()));
      DataChunk chunk = DataChunk.of(part.type(), part.id(), content);
      builder.chunk(part.name() == null ? chunk : chunk.withName(part.name()));
    }
    return builder.build();
  }

  private WavePicture picture() {
    return WavePicture.of(checkpoint()).block(Patience.LIMIT);
  }

  private static BufferedImage decoded(byte[] png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(png));
  }

  @Test
  void showsTheMiddlePlaneOfTheNewestField() throws IOException {
    WavePicture picture = picture();

    assertThat(picture.size()).isEqualTo(SIZE);
    assertThat(picture.step()).isEqualTo(1);
    assertThat(picture.peak()).isEqualTo(0.5f);
    BufferedImage shown = decoded(picture.png(0.5f, 1));
    assertThat(shown.getWidth()).isEqualTo(SIZE);
    assertThat(shown.getHeight()).isEqualTo(SIZE);
    assertThat(shown.getRGB(1, 2)).isEqualTo(RED);
    assertThat(shown.getRGB(0, 0)).isEqualTo(WHITE);
    assertThat(shown.getRGB(3, 3)).isEqualTo(WHITE);
    int blueish = shown.getRGB(6, 5);
    assertThat(blueish & 0xff).isGreaterThan(blueish >> 16 & 0xff);
  }

  @Test
  void readsNothingButTheControlBlockAndThatPlaneOfTwoRegions() {
    picture();

    assertThat(bytesRead).hasValue(256 + 2 * SIZE * SIZE * 4);
  }

  @Test
  void keepsItsColoursToTheScaleItIsTold() throws IOException {
    WavePicture picture = picture();

    assertThat(decoded(picture.png(0.25f, 1)).getRGB(6, 5)).isEqualTo(BLUE);
    assertThat(decoded(picture.png(0.01f, 1)).getRGB(1, 2)).as("clipped").isEqualTo(RED);
    assertThat(decoded(picture.png(1e9f, 1)).getRGB(1, 2)).isEqualTo(WHITE);
  }

  @Test
  void zoomsByInterpolation() throws IOException {
    BufferedImage shown = decoded(picture().png(0.5f, 5));

    assertThat(shown.getWidth()).isEqualTo(5 * SIZE);
    assertThat(shown.getRGB(5 + 2, 10 + 2)).as("the middle of the cell").isEqualTo(RED);
    assertThat(shown.getRGB(5 + 2 + 5, 10 + 2)).as("the next cell's").isEqualTo(WHITE);
    int between = shown.getRGB(5 + 2 + 2, 10 + 2);
    assertThat(between).isNotIn(RED, WHITE);
  }

  @Test
  void outlinesWhereTheWaveIsSlower() throws IOException {
    for (int at = 0; at < SIZE * SIZE * SIZE; at++) {
      state.speed().put(at, at % SIZE == 4 ? 0.8f : 1);
    }
    BufferedImage shown = decoded(picture().png(0.5f, 3));

    int grey = 0xff9a9a9a;
    assertThat(shown.getRGB(3 * 4 - 1, 0)).isEqualTo(grey);
    assertThat(shown.getRGB(3 * 4, 0)).isEqualTo(WHITE);
    assertThat(shown.getRGB(3 * 5 - 1, 3 * SIZE - 1)).isEqualTo(grey);
    assertThat(shown.getRGB(3 * 5, 0)).isEqualTo(WHITE);
  }

  @Test
  void theSamePlaneGivesTheSameFile() {
    assertThat(picture().png(1, 4)).isEqualTo(picture().png(1, 4));
  }

  @Test
  void refusesImpossibleScales() {
    WavePicture picture = picture();
    for (float scale : new float[] {0, -1, Float.NaN}) {
      assertThatThrownBy(() -> picture.png(scale, 1)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> picture.png(1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> picture.png(1, 65)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesWhatIsNotOfAWaveKernel() {
    CheckpointMetadata metadata = CheckpointMetadata.builder("k", "t").build();
    Checkpoint empty = Checkpoint.builder(metadata).build();
    Checkpoint other =
        Checkpoint.builder(metadata).controlBlock(ChunkContent.of(new byte[256])).build();

    Checkpoint tooShort =
        Checkpoint.builder(checkpoint().metadata())
            .controlBlock(ChunkContent.of(state.parts().get(0).memory().clear()))
            .deviceMemory(WaveState.PRESSURE_B, ChunkContent.of(new byte[16]))
            .build();

    for (Mono<?> refused :
        List.of(
            WavePicture.of(empty),
            WavePicture.of(other),
            WavePicture.of(tooShort),
            WaveDigest.of(empty))) {
      StepVerifier.create(refused).verifyError(IllegalArgumentException.class);
    }
  }

  private final class Counted implements ChunkContent {
    private final ChunkContent content;

    Counted(ChunkContent content) {
      this.content = content;
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return content.read(offset, target).doOnNext(bytesRead::addAndGet);
    }
  }
}
