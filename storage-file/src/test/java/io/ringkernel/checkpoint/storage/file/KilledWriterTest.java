package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A process that is killed while it saves leaves whole objects, and nothing that stays. */
class KilledWriterTest {
  private static final int ROUNDS = 5;
  private static final int NAMES = 5;
  private static final int PIECE = 64 << 10;

  @TempDir Path place;

  @Test
  void leavesOldOrNewObjectsWholeAndKeepsWhatItReported() throws Exception {
    Random random = new Random();
    Map<String, Long> reported = new HashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      try (ChildJvm child =
          ChildJvm.start(Writer.class, place.toString(), "" + round * 1_000_000)) {
        note(child.line(), reported);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(120));
        child.kill();
        child.lines().forEach(line -> note(line, reported));
      }
      assertWhole(reported);
    }
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      store.save("after", "all", SaveOptions.onlyIfAbsent());
    }
    assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
  }

  /** A line is cut off where the writer was killed while it printed: that was no report. */
  private static void note(String line, Map<String, Long> reported) {
    String[] words = line == null ? new String[0] : line.split(" ");
    if (words.length == 3) {
      reported.put(words[0], Long.parseLong(words[1]));
    }
  }

  private void assertWhole(Map<String, Long> reported) {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      List<String> names = store.names("");
      assertThat(names).containsAll(reported.keySet());
      for (String name : names) {
        byte[] bytes = store.text(name).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        long seed = ByteBuffer.wrap(bytes).getLong();
        assertThat(bytes.length).as(name).isEqualTo(Long.BYTES + length(seed));
        ByteBuffer rest = ByteBuffer.wrap(bytes).position(Long.BYTES).slice();
        assertThat(DeterministicBytes.random(seed).mismatch(0, rest)).as(name).isEqualTo(-1);
        assertThat(seed).as(name).isGreaterThanOrEqualTo(reported.getOrDefault(name, 0L));
      }
    }
  }

  private static int length(long seed) {
    return (int) (seed % 7 * 300_000 + 1000);
  }

  /** Saves one object after the other, some under new names, and prints each when it is stored. */
  static final class Writer {
    public static void main(String[] arguments) throws IOException {
      FileStorage storage = new FileStorage(Path.of(arguments[0]));
      long first = Long.parseLong(arguments[1]);
      for (long seed = first; ; seed++) {
        boolean fresh = seed % 3 == 0;
        String name = fresh ? "new/" + seed % 2 + "/" + seed : "deep/er/" + seed % NAMES;
        StoredObject saved =
            storage
                .save(
                    name, content(seed), fresh ? SaveOptions.onlyIfAbsent() : SaveOptions.replace())
                .block();
        System.out.println(saved.name() + " " + seed + " stored");
      }
    }

    private static Flux<OwnedBuffer> content(long seed) {
      ByteBuffer all = ByteBuffer.allocate(Long.BYTES + length(seed));
      DeterministicBytes.random(seed).fill(0, all.putLong(seed));
      all.flip();
      return Flux.range(0, (all.limit() + PIECE - 1) / PIECE)
          .map(
              i ->
                  OwnedBuffer.unpooled(
                      all.slice(i * PIECE, Math.min(PIECE, all.limit() - i * PIECE))));
    }
  }
}
