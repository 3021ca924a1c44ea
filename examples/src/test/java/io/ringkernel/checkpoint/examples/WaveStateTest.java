package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How the state lies in memory: others read it from a checkpoint. */
class WaveStateTest {
  private static final HlcTimestamp TIME = new HlcTimestamp(5, 6, 7);
  private static final WaveSource SOURCE = new WaveSource(3, 1, 2, 3, 1, 20);

  private final WaveState state = formatted();

  private static WaveState formatted() {
    WaveState state = WaveState.onHeap(8, null);
    state.format(new WaveSetup(8, WaveSetup.Walls.ABSORBING, 1, 25, WaveMedium.LENS), TIME);
    return state;
  }

  private ByteBuffer memory(int part) {
    return state.parts().get(part).memory();
  }

  @Test
  void hasThePartsOfAKernel() {
    assertThat(state.parts())
        .extracting(WaveState.Part::label)
        .containsExactly(
            "control-block",
            "h2k-queue",
            "k2h-queue",
            "hlc-state",
            "device-memory 'pressure_a'",
            "device-memory 'pressure_b'",
            "device-memory 'speed'");
    assertThat(state.parts())
        .extracting(part -> part.memory().capacity())
        .containsExactly(256, 1_088, 1_088, 24, 2_048, 2_048, 2_048);
    assertThat(state.parts().get(4).id()).isEqualTo(0x50653700c6865f9cL);
    assertThat(state.parts().get(0).type()).isEqualTo(ChunkType.CONTROL_BLOCK);
  }

  @Test
  void aKernelOnTheCpuRunsInDirectMemory() {
    assertThat(WaveState.direct(8, null).parts())
        .allSatisfy(part -> assertThat(part.memory().isDirect()).isTrue());
  }

  @Test
  void theControlBlockLiesAsDocumented() {
    state.control().stepDone();
    state.control().addSource(SOURCE);
    state.control().countCommand();
    state.control().countReport();
    state.control().countReport();

    ByteBuffer control = memory(0);
    byte[] magic = new byte[8];
    control.get(0, magic);
    assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("RKWAVE3D");
    assertThat(control.getInt(8)).isEqualTo(1);
    assertThat(control.getInt(12)).isEqualTo(1);
    assertThat(control.getLong(16)).isEqualTo(1);
    assertThat(control.getInt(24)).isEqualTo(1);
    assertThat(control.getInt(28)).isEqualTo(8);
    assertThat(control.getInt(32)).isEqualTo(25);
    assertThat(control.getInt(36)).isEqualTo(1);
    assertThat(control.getLong(40)).isEqualTo(1);
    assertThat(control.getLong(48)).isEqualTo(2);
    assertThat(control.getLong(128)).isEqualTo(3);
    assertThat(control.getInt(144)).isEqualTo(3);
    assertThat(state.problem()).isNull();
  }

  @Test
  void theClockLiesAsDocumented() {
    assertThat(memory(3).getLong(0)).isEqualTo(5);
    assertThat(memory(3).getLong(8)).isEqualTo(6);
    assertThat(memory(3).getLong(16)).isEqualTo(7);
    assertThat(state.time()).isEqualTo(TIME);
  }

  @Test
  void theFieldsTakeTurns() {
    memory(4).putFloat(4 * state.cell(1, 2, 3), 0.5f);

    assertThat(state.cell(1, 2, 3)).isEqualTo(3 * 64 + 2 * 8 + 1);
    assertThat(state.current().get(state.cell(1, 2, 3))).isEqualTo(0.5f);
    state.control().stepDone();
    assertThat(state.older().get(state.cell(1, 2, 3))).isEqualTo(0.5f);
    assertThat(state.current().get(state.cell(1, 2, 3))).isZero();
  }

  @Test
  void theSpeedIsThatOfTheMediumAndNoOther() {
    float middle = state.speed().get(state.cell(4, 4, 4));
    assertThat(middle).isBetween(0.7f, 0.8f);
    assertThat(memory(6).getFloat(4 * state.cell(4, 4, 4))).isEqualTo(middle);
    assertThat(state.speed().get(state.cell(0, 0, 0))).isBetween(0.99f, 1f);
    assertThat(state.speed().get(state.cell(0, 0, 0)))
        .isNotEqualTo(state.speed().get(state.cell(1, 0, 0)));
    assertThat(state.problem()).isNull();
    for (float wrong : new float[] {0, -1, 1.001f, Float.NaN, Float.POSITIVE_INFINITY}) {
      state.speed().put(77, wrong);
      assertThat(state.problem())
          .isEqualTo("device-memory 'speed': the speed in cell 77 is " + wrong);
    }
  }

  @Test
  void hasRoomForFourSources() {
    for (int i = 0; i < 4; i++) {
      assertThat(state.control().addSource(SOURCE)).isTrue();
    }
    assertThat(state.control().addSource(SOURCE)).isFalse();

    state.control().removeSource(2);

    assertThat(state.control().source(2)).isEmpty();
    assertThat(state.control().source(3)).contains(SOURCE);
    assertThat(state.control().addSource(SOURCE.notBefore(9))).isTrue();
    assertThat(state.control().source(2)).contains(SOURCE.notBefore(9));
  }

  @Test
  void aQueueKeepsMessagesInOrderRoundItsEnd() {
    MessageRing ring = state.commands();
    List<Long> seen = new ArrayList<>();
    for (long i = 0; i < 100; i++) {
      long number = i;
      assertThat(ring.offer(TIME, body -> body.putLong(number))).isTrue();
      if (i % 3 != 0) {
        seen.add(ring.peek((time, body) -> body.getLong()).orElseThrow());
        ring.drop();
      }
      if (i % 30 == 0) {
        takeAll(ring, seen);
      }
    }
    takeAll(ring, seen);

    assertThat(seen).hasSize(100).isSorted();
  }

  private static void takeAll(MessageRing ring, List<Long> seen) {
    Optional<Long> next = ring.peek((time, body) -> body.getLong());
    while (next.isPresent()) {
      seen.add(next.get());
      ring.drop();
      next = ring.peek((time, body) -> body.getLong());
    }
  }

  @Test
  void aFullQueueRefusesOrForgetsTheOldest() {
    MessageRing ring = state.commands();
    for (long i = 0; i < 16; i++) {
      long number = i;
      assertThat(ring.offer(TIME, body -> body.putLong(number))).isTrue();
    }
    assertThat(ring.offer(TIME, body -> body.putLong(99))).isFalse();

    ring.push(TIME, body -> body.putLong(16));

    List<Long> left = new ArrayList<>();
    takeAll(ring, left);
    assertThat(left).hasSize(16).startsWith(1L).endsWith(16L);
  }

  @Test
  void aQueueLiesAsDocumented() {
    state.commands().offer(TIME, SOURCE::writeTo);

    ByteBuffer queue = memory(1);
    assertThat(queue.getLong(0)).isZero();
    assertThat(queue.getLong(8)).isEqualTo(1);
    assertThat(queue.getInt(16)).isEqualTo(16);
    assertThat(queue.getInt(20)).isEqualTo(64);
    assertThat(queue.getInt(64)).as("kind").isEqualTo(1);
    assertThat(queue.getLong(72)).as("physical").isEqualTo(5);
    assertThat(queue.getLong(88)).as("node").isEqualTo(7);
    assertThat(queue.getLong(96)).as("start step").isEqualTo(3);
  }

  @Test
  void copiesEveryByte() throws Exception {
    WaveState other = WaveState.direct(8, null);
    for (WaveState.Part part : state.parts()) {
      for (int i = 0; i < part.memory().capacity(); i++) {
        part.memory().put(i, (byte) (i * 31 + part.memory().capacity()));
      }
    }
    try (Crew crew = new Crew("copy", 3)) {
      other.copyFrom(state, crew);
    }
    for (int i = 0; i < state.parts().size(); i++) {
      assertThat(other.parts().get(i).memory().clear()).isEqualTo(memory(i).clear());
    }
  }

  @Test
  void copiesFieldsLargerThanOnePiece() {
    WaveState large = WaveState.onHeap(72, null);
    WaveState copy = WaveState.onHeap(72, null);
    ByteBuffer field = large.parts().get(5).memory();
    for (int i = 0; i < field.capacity(); i += 4) {
      field.putInt(i, i);
    }
    try (Crew crew = new Crew("copy", 2)) {
      copy.copyFrom(large, crew);
    }
    assertThat(field.capacity()).isGreaterThan(1 << 20);
    assertThat(copy.parts().get(5).memory()).isEqualTo(field);
  }

  @Test
  void aSetupHasLimits() {
    assertThatThrownBy(() -> WaveSetup.ofSize(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size must be from 4 to 812, not 3");
    assertThatThrownBy(() -> WaveSetup.ofSize(813)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WaveSetup.ofSize(8).withThreads(0))
        .hasMessage("threads must be from 1 to 64, not 0");
    assertThatThrownBy(() -> WaveSetup.ofSize(8).withReportEvery(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(4L * 812 * 812 * 812).as("one buffer").isLessThan(Integer.MAX_VALUE);
  }
}
