package io.ringkernel.checkpoint.examples.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.RestoreReceipt;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.examples.Wave;
import io.ringkernel.checkpoint.examples.WaveDigest;
import io.ringkernel.checkpoint.examples.WaveMedium;
import io.ringkernel.checkpoint.examples.WavePicture;
import io.ringkernel.checkpoint.examples.WaveProgram;
import io.ringkernel.checkpoint.examples.WavePrograms;
import io.ringkernel.checkpoint.examples.WaveSetup;
import io.ringkernel.checkpoint.examples.WaveSetup.Walls;
import io.ringkernel.checkpoint.examples.WaveSource;
import io.ringkernel.checkpoint.examples.WaveStart;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** The kernel to copy from, on the driver stand-in: it fills the device and never ends. */
@ExtendWith(StandInDriver.class)
@Timeout(120)
class CudaWaveTest {
  private static final int SIZE = 10;

  private static final List<WaveSource> SOURCES =
      List.of(new WaveSource(0, 3, 4, 5, 1, 8), new WaveSource(9, 7, 2, 5, 0.5f, 6));

  private static WaveSetup setup(Walls walls) {
    return WaveSetup.ofSize(SIZE).withWalls(walls).withMedium(WaveMedium.LENS);
  }

  private static Wave cuda() {
    return program("cuda").start("wave", setup(Walls.REFLECTING), SOURCES);
  }

  private static WaveProgram program(String name) {
    return WavePrograms.named(name).orElseThrow();
  }

  private static <T> T await(Mono<T> work) {
    return work.block(Patience.LIMIT);
  }

  private static byte[] bytes(Checkpoint checkpoint, String region) {
    DataChunk chunk = checkpoint.region(region).orElseThrow();
    ByteBuffer target = ByteBuffer.allocate((int) chunk.size());
    await(chunk.content().read(0, target));
    return target.array();
  }

  @Test
  void isFoundAndCanWork() {
    assertThat(WavePrograms.names()).containsExactly("cpu", "cuda");
    assertThat(program("cuda").unavailable()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Walls.class)
  void computesTheBitsOfTheCpu(Walls walls) {
    try (Wave cuda = program("cuda").start("wave", setup(walls), SOURCES);
        Wave cpu = program("cpu").start("wave", setup(walls), SOURCES)) {
      for (int step : List.of(1, 20, 45)) {
        assertThat(await(cuda.runTo(step))).isEqualTo(step);
        await(cpu.runTo(step));
        try (Checkpoint one = await(cuda.createCheckpoint());
            Checkpoint other = await(cpu.createCheckpoint())) {
          assertThat(one.metadata().step()).isEqualTo(step);
          for (String region :
              List.of(WaveStart.PRESSURE_A, WaveStart.PRESSURE_B, WaveStart.SPEED)) {
            assertThat(bytes(one, region)).as(region).isEqualTo(bytes(other, region));
          }
          assertThat(await(WavePicture.of(one)).png(1, 2))
              .isEqualTo(await(WavePicture.of(other)).png(1, 2));
        }
      }
    }
  }

  @Test
  void restsWhereNobodyWaitsForMoreAndDoesNotEnd() {
    try (Wave wave = cuda()) {
      assertThat(await(wave.runTo(0))).isZero();
      assertThat(await(wave.runTo(7))).isEqualTo(7);
      assertThat(await(wave.runTo(3))).as("reached before").isEqualTo(7);
      Disposable cancelled = wave.runTo(1_000_000).subscribe();
      long on = await(wave.runTo(20));
      cancelled.dispose();
      assertThat(on).isGreaterThanOrEqualTo(20);
      Patience.until("it rests", () -> await(wave.runTo(0)).equals(await(wave.runTo(0))));
      long rests = await(wave.runTo(0));
      assertThat(await(wave.runTo(rests + 5))).isEqualTo(rests + 5);
    }
  }

  @Test
  void goesOnBitByBitFromWhatASavedOneLeft(@TempDir Path directory) {
    String expected;
    try (Wave undisturbed = cuda()) {
      await(undisturbed.runTo(40));
      expected = digest(undisturbed);
    }
    String store = "file:" + directory;
    try (Wave first = cuda()) {
      Checkpointer checkpointer = Checkpointer.builder(store).blockSize(65_536).build();
      await(first.runTo(10));
      await(checkpointer.save(first));
      await(first.runTo(25));
      SaveReceipt delta = await(checkpointer.save(first));
      assertThat(delta.notes()).isEmpty();
      checkpointer.close().block(Patience.LIMIT);
    }
    try (Wave second = cuda()) {
      Checkpointer checkpointer = Checkpointer.open(store);
      await(second.runTo(33));
      RestoreReceipt restored = await(checkpointer.restoreLatest(second));
      assertThat(restored.checkpoint().metadata().step()).isEqualTo(25);
      assertThat(await(second.runTo(0))).as("it is where it was restored to").isEqualTo(25);
      assertThat(await(second.runTo(40))).isEqualTo(40);
      assertThat(digest(second)).isEqualTo(expected);
      checkpointer.close().block(Patience.LIMIT);
    }
  }

  private static String digest(Wave wave) {
    try (Checkpoint checkpoint = await(wave.createCheckpoint())) {
      return await(WaveDigest.of(checkpoint));
    }
  }

  @Test
  void tellsWhoWaitsThatItIsClosed() {
    Wave wave = cuda();
    Mono<Long> waiting = wave.runTo(Long.MAX_VALUE).cache();
    Disposable unused = waiting.subscribe(step -> {}, error -> {});
    wave.close();
    wave.close();
    assertThatThrownBy(() -> waiting.block(Duration.ofSeconds(10)))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("it does not run any more");
  }

  @Test
  void refusesSourcesItHasNoRoomFor() {
    WaveSource tooLong = new WaveSource(0, 1, 1, 1, 1, 200);
    WaveSource outside = new WaveSource(0, SIZE, 1, 1, 1, 8);
    for (List<WaveSource> sources : List.of(List.of(tooLong), List.of(outside))) {
      assertThatThrownBy(() -> program("cuda").start("wave", setup(Walls.REFLECTING), sources))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
