package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Savers and collectors in processes of their own on one file store, killed whatever they do. */
@Timeout(300)
class CollectorProcessesTest {
  private static final int ROUNDS = 3;
  private static final int NAMES = 5;
  private static final int BLOCK = 4096;
  private static final int BLOCKS = 8;
  private static final Duration LEASE = Duration.ofMillis(500);

  @TempDir Path place;

  private static Checkpointer open(String place) {
    return Checkpointer.builder(Path.of(place).toUri().toString())
        .parallelism(1)
        .blockSize(BLOCK)
        .lease(LEASE)
        .build();
  }

  /** The state at a step: each step changes one block. */
  private static byte[] state(String kernelId, long step) {
    byte[] state = TestStates.random(BLOCKS * BLOCK, kernelId.hashCode());
    for (long past = Math.max(0, step - BLOCKS + 1); past <= step; past++) {
      ByteBuffer.wrap(state).putLong((int) (past % BLOCKS) * BLOCK, past);
    }
    return state;
  }

  private static String name(String kernelId, long step) {
    return kernelId + "/" + step % NAMES;
  }

  private static void save(Checkpointer checkpointer, String kernelId, String name, long step) {
    try (Checkpoint checkpoint =
        Checkpoint.builder(TestStates.metadata(kernelId, step))
            .deviceMemory("state", ChunkContent.of(state(kernelId, step)))
            .build()) {
      SaveRequest request = SaveRequest.defaults().named(name).base(BaseChoice.latest());
      checkpointer.save(checkpoint, request).block();
    }
  }

  /** Saves step after step, and deletes one now and then; prints what it has done. */
  static final class Saver {
    public static void main(String[] arguments) {
      String kernelId = arguments[1];
      Checkpointer checkpointer = open(arguments[0]);
      for (long step = Long.parseLong(arguments[2]); ; step++) {
        String name = name(kernelId, step);
        try {
          save(checkpointer, kernelId, name, step);
        } catch (io.ringkernel.checkpoint.error.StorageException e) {
          // The machine was so busy that a collector held this one dead: it saves again.
          continue;
        }
        System.out.println("saved " + name + " " + step);
        if (step % 7 == 0) {
          String gone = name(kernelId, step - 2);
          System.out.println("deleting " + gone + " " + step);
          checkpointer.delete(gone).block();
        }
      }
    }
  }

  /** Collects again and again. */
  static final class Collecting {
    public static void main(String[] arguments) {
      Checkpointer checkpointer = open(arguments[0]);
      while (true) {
        CollectReport report =
            checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block();
        System.out.println("collected " + report.removed().size() + " objects");
      }
    }
  }

  private Process start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.add(place.toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void loseNothingThatWasReported() throws Exception {
    Random random = new Random();
    Map<String, Long> reported = new HashMap<>();
    int collected = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String first = Integer.toString(round * 1_000_000);
      List<Process> processes =
          List.of(
              start(Saver.class, "one", first),
              start(Saver.class, "two", first),
              start(Collecting.class),
              start(Collecting.class));
      List<BufferedReader> outputs = processes.stream().map(Process::inputReader).toList();
      List<String> lines = new ArrayList<>();
      for (BufferedReader output : outputs) {
        lines.add(output.readLine());
      }
      List<Process> inAnyOrder = new ArrayList<>(processes);
      Collections.shuffle(inAnyOrder, random);
      for (Process process : inAnyOrder) {
        TimeUnit.MILLISECONDS.sleep(100 + random.nextInt(300));
        process.toHandle().destroyForcibly();
      }
      for (Process process : processes) {
        assertThat(process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      }
      outputs.forEach(output -> output.lines().forEach(lines::add));
      lines.forEach(line -> note(line, reported));
      collected += (int) lines.stream().filter(line -> removes(line)).count();
      assertWhole(reported);
    }
    assertThat(reported).isNotEmpty();
    assertThat(collected).as("collections that removed something").isPositive();
    assertNothingElseIsKept();
    assertWhole(reported);
  }

  private static boolean removes(String line) {
    return line != null && line.matches("collected [1-9][0-9]* objects");
  }

  /** A line is cut off where its process was killed: that was no report. */
  private static void note(String line, Map<String, Long> reported) {
    String[] words = line == null ? new String[0] : line.split(" ");
    if (words.length == 3 && words[0].equals("saved")) {
      reported.put(words[1], Long.parseLong(words[2]));
    } else if (words.length == 3 && words[0].equals("deleting")) {
      reported.remove(words[1]);
    }
  }

  private void assertWhole(Map<String, Long> reported) {
    Checkpointer checkpointer = open(place.toString());
    Map<String, Long> steps = new HashMap<>();
    for (ListedCheckpoint listed : checkpointer.list("").collectList().block(LONG)) {
      assertThat(listed).isInstanceOf(CheckpointInfo.class);
      CheckpointInfo info = (CheckpointInfo) listed;
      assertThat(TestStates.loaded(checkpointer, info.name()).values())
          .as(info.name())
          .containsExactly(
              ByteBuffer.wrap(state(info.metadata().kernelId(), info.metadata().step())));
      steps.put(info.name(), info.metadata().step());
    }
    reported.forEach(
        (name, step) ->
            assertThat(steps)
                .hasEntrySatisfying(
                    name, found -> assertThat(found).as(name).isGreaterThanOrEqualTo(step)));
    checkpointer.close().block(LONG);
  }

  private void assertNothingElseIsKept() {
    Mono.delay(LEASE.multipliedBy(2)).block();
    Checkpointer checkpointer = open(place.toString());
    // Who was killed between head and entry left an entry that the next save replaces: until then
    // the store has both, and keeps both.
    List.of("one", "two")
        .forEach(kernelId -> save(checkpointer, kernelId, "settled-" + kernelId, 0));
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    Set<String> needed =
        checkpointer
            .list("")
            .cast(CheckpointInfo.class)
            .flatMapIterable(
                info -> {
                  List<String> objects = new ArrayList<>();
                  objects.add(StoreNames.object(info.objectId()));
                  info.ancestors().forEach(id -> objects.add(StoreNames.object(id)));
                  return objects;
                })
            .collect(Collectors.toSet())
            .block(LONG);
    checkpointer.close().block(LONG);
    ScriptedStorage storage = new ScriptedStorage(place.toUri().toString());
    assertThat(storage.list(StoreNames.OBJECTS).map(StoredObject::name).collectList().block(LONG))
        .containsExactlyInAnyOrderElementsOf(needed);
    storage.close().block(LONG);
  }
}
