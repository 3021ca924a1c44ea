package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.BufferedReader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that saves into two tiers of files and is killed, whatever it does, again and again.
 */
@Timeout(300)
class TierProcessesTest {
  private static final int ROUNDS = 4;
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 64;

  @TempDir Path place;

  private static Checkpointer open(Path place) {
    String near = place.resolve("near").toUri().toString();
    String far = place.resolve("far").toUri().toString();
    return Checkpointer.builder(TieredStorage.of(near, far).backlog(3, TieredStorage.Overflow.WAIT))
        .parallelism(1)
        .blockSize(BLOCK)
        .lease(Duration.ofMillis(500))
        .build();
  }

  /** The state at a step: each step changes one block. */
  private static byte[] state(long step) {
    byte[] state = TestStates.random(BLOCKS * BLOCK, 7);
    for (long past = Math.max(0, step - BLOCKS + 1); past <= step; past++) {
      ByteBuffer.wrap(state).putLong((int) (past % BLOCKS) * BLOCK, past);
    }
    return state;
  }

  /** Saves step after step; prints each that was saved. */
  static final class Saving {
    public static void main(String[] arguments) {
      Checkpointer checkpointer = open(Path.of(arguments[0]));
      for (long step = Long.parseLong(arguments[1]); ; step++) {
        try (Checkpoint checkpoint =
            Checkpoint.builder(TestStates.metadata("k", step))
                .deviceMemory("state", ChunkContent.of(state(step)))
                .build()) {
          SaveRequest request = SaveRequest.defaults().named("s/" + step).base(BaseChoice.latest());
          checkpointer.save(checkpoint, request).block();
          System.out.println("saved " + step + " .");
        }
      }
    }
  }

  private Process start(long first) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(Saving.class.getName(), place.toString(), Long.toString(first)));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void everythingThatWasSavedIsInTheFarTierAfterTheNextStart() throws Exception {
    Random random = new Random();
    Map<String, Long> saved = new HashMap<>();
    int left = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Process process = start(round * 1_000_000L);
      BufferedReader output = process.inputReader();
      List<String> lines = new ArrayList<>();
      lines.add(output.readLine());
      TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
      process.toHandle().destroyForcibly();
      assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      output.lines().forEach(lines::add);
      for (String line : lines) {
        String[] words = line == null ? new String[0] : line.split(" ");
        if (words.length == 3) {
          saved.put("s/" + words[1], Long.parseLong(words[1]));
        }
      }
      left += missing(saved);
      if (random.nextBoolean()) {
        // Else the next process takes it up.
        settle();
        assertThat(missing(saved)).isZero();
      }
    }
    settle();
    assertThat(saved).isNotEmpty();
    assertThat(left).as("checkpoints that a kill kept from the far tier").isPositive();
    assertFarIsWhole(saved);
  }

  private void settle() {
    Checkpointer checkpointer = open(place);
    checkpointer.tiers().orElseThrow().settled().block(LONG);
    checkpointer.close().block(LONG);
  }

  private Checkpointer far() {
    return Checkpointer.builder(place.resolve("far").toUri().toString()).parallelism(1).build();
  }

  private int missing(Map<String, Long> saved) {
    Checkpointer far = far();
    List<String> names = far.list("").map(ListedCheckpoint::name).collectList().block(LONG);
    far.close().block(LONG);
    return (int) saved.keySet().stream().filter(name -> !names.contains(name)).count();
  }

  /** By itself, as when the machine with the near tier is lost. */
  private void assertFarIsWhole(Map<String, Long> saved) {
    Checkpointer far = far();
    far.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    long newest = -1;
    for (ListedCheckpoint listed : far.list("").collectList().block(LONG)) {
      assertThat(listed).isInstanceOf(CheckpointInfo.class);
      long step = ((CheckpointInfo) listed).metadata().step();
      newest = Math.max(newest, step);
      assertThat(TestStates.loaded(far, listed.name()).values())
          .as(listed.name())
          .containsExactly(ByteBuffer.wrap(state(step)));
    }
    assertThat(far.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsAll(saved.keySet());
    StillKernel kernel = new StillKernel("k", 0);
    far.restoreLatest(kernel).block(LONG);
    assertThat(kernel.restoredStep()).isEqualTo(newest);
    far.close().block(LONG);
  }
}
