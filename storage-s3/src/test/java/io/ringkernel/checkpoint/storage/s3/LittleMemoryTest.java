package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/**
 * An object far larger than the JVM goes through a save and a load. {@code -Drkcp.s3.mib=5120}
 * makes it 5 GiB.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LittleMemoryTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @Test
  void savesAndLoadsMoreThanTheJvmHolds() throws Exception {
    String mib = System.getProperty("rkcp.s3.mib", "1024");
    try (S3Server server = new S3Server()) {
      server.bucket().pretend();
      String output = ChildJvm.run(SaveAndLoad.class, "256m", 600, server.uri("large"), mib);
      System.out.println(output);
      assertThat(output).endsWith("exit 0");
      assertThat(server.bucket().keys()).containsExactly("large/a");
      assertThat(server.bucket().uploads()).isEmpty();
    }
  }

  /** The child. */
  static final class SaveAndLoad {
    private static final int PIECE = 1 << 20;

    /** The server makes the same bytes of nothing. */
    private static final DeterministicBytes BYTES = S3Content.Pretended.BYTES;

    private SaveAndLoad() {}

    public static void main(String[] arguments) {
      long size = Long.parseLong(arguments[1]) << 20;
      CheckpointStorage storage = CheckpointStorages.open(arguments[0]);
      long start = System.nanoTime();
      StoredObject saved =
          storage.save("a", content(size), SaveOptions.onlyIfAbsent()).block(LIMIT);
      long middle = System.nanoTime();
      long read =
          storage
              .read("a", Range.all(), saved.version())
              .flatMapMany(ObjectRead::bytes)
              .scan(0L, SaveAndLoad::compare)
              .blockLast(LIMIT);
      long end = System.nanoTime();
      storage.close().block(LIMIT);
      System.out.printf(
          "%d MiB: saved in %d ms, loaded in %d ms%n",
          size >> 20, (middle - start) / 1_000_000, (end - middle) / 1_000_000);
      System.exit(read == size && saved.size() == size ? 0 : 1);
    }

    private static Flux<OwnedBuffer> content(long size) {
      return Flux.generate(
          () -> 0L,
          (offset, sink) -> {
            if (offset == size) {
              sink.complete();
              return offset;
            }
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, size - offset));
            BYTES.fill(offset, piece);
            sink.next(OwnedBuffer.unpooled(piece.flip()));
            return offset + piece.remaining();
          });
    }

    private static long compare(long offset, OwnedBuffer owned) {
      try (owned) {
        int length = owned.buffer().remaining();
        long differs = BYTES.mismatch(offset, owned.buffer());
        if (differs >= 0) {
          throw new IllegalStateException("another byte at " + differs);
        }
        return offset + length;
      }
    }
  }
}
