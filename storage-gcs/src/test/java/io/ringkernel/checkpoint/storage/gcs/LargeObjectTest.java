package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/**
 * An object larger than the heap, saved and read by another JVM with parts of the default size. Its
 * bytes are made and compared on both sides and kept on neither.
 *
 * <p>{@code -Dtest.jvm.more=-Drkcp.gcs.large.mib=5120} makes it 5 GiB.
 */
class LargeObjectTest {
  private static final int MIB = Integer.getInteger("rkcp.gcs.large.mib", 640);
  private static final long SEED = 11;
  private static final Duration LIMIT = Duration.ofMinutes(8);

  @Test
  void passesThroughAHeapOf256MiB() throws IOException, InterruptedException {
    try (GcsServer server = new GcsServer(() -> new SyntheticContent(SEED))) {
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx256m",
              "-XX:MaxDirectMemorySize=64m",
              "-cp",
              System.getProperty("java.class.path"),
              Streamer.class.getName(),
              server.url(),
              Integer.toString(MIB));
      Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
      try {
        child.inputReader(StandardCharsets.UTF_8).lines().forEach(System.out::println);
        assertThat(child.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isZero();
      } finally {
        child.destroyForcibly();
      }
      assertThat(server.requests()).contains("PUT part", "PUT last", "GET media");
      assertThat(server.api().bytesSent()).isEqualTo((long) MIB << 20);
    }
  }

  /** The other JVM. */
  static final class Streamer {
    // Words that repeat are made quickly, so that the storage is what takes the time.
    private static final DeterministicBytes BYTES = new DeterministicBytes(SEED, 64);
    private static final int BUFFER = 1 << 20;

    public static void main(String[] arguments) {
      int mib = Integer.parseInt(arguments[1]);
      GcsOptions options = GcsOptions.parse(StorageOptions.parse("gs://bucket/large"));
      GcsClient.Settings standard = GcsClient.Settings.with(Tokens::new);
      GcsClient.Settings settings =
          new GcsClient.Settings(
              Map.of(GcsClient.EMULATOR, arguments[0]),
              standard.credentials(),
              standard.retry(),
              standard.timeoutMillis());
      GcsStorage storage = new GcsStorage(options, new GcsClient(options, settings));
      long start = System.nanoTime();
      StoredObject saved =
          Objects.requireNonNull(
              storage.save("a", buffers(mib), SaveOptions.onlyIfAbsent()).block(LIMIT));
      long middle = System.nanoTime();
      long read =
          Objects.requireNonNull(
              storage
                  .read("a", Range.all(), saved.version())
                  .flatMapMany(opened -> opened.bytes())
                  .reduce(0L, Streamer::compare)
                  .block(LIMIT));
      long end = System.nanoTime();
      storage.close().block(LIMIT);
      System.out.printf(
          "%d MiB through -Xmx256m: saved at %d MiB/s, read at %d MiB/s%n",
          mib, rate(mib, middle - start), rate(mib, end - middle));
      System.exit(read == (long) mib << 20 && saved.size() == read ? 0 : 1);
    }

    private static long rate(int mib, long nanos) {
      return Math.round(mib * 1e9 / nanos);
    }

    private static Flux<OwnedBuffer> buffers(int count) {
      return Flux.range(0, count)
          .map(
              i -> {
                ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
                BYTES.fill((long) i * BUFFER, buffer);
                return OwnedBuffer.unpooled(buffer.flip());
              });
    }

    private static long compare(long at, OwnedBuffer owned) {
      try (owned) {
        int length = owned.buffer().remaining();
        if (BYTES.mismatch(at, owned.buffer()) >= 0) {
          throw new IllegalStateException("a byte differs after " + at);
        }
        return at + length;
      }
    }
  }
}
