package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatheringWriterTest {
  private static final int KIB = 1 << 10;
  private static final int STAGING = 1 << 20;

  @TempDir private Path directory;

  private final BufferPool pool = new BufferPool(STAGING, STAGING);
  private final Random random = new Random(1);
  private final ByteArrayOutputStream given = new ByteArrayOutputStream();
  private TemporaryFile file;
  private GatheringWriter writer;

  @BeforeEach
  void begin() throws IOException {
    file = TemporaryFile.create(directory, Runnable::run);
    writer = new GatheringWriter(file, pool);
  }

  @AfterEach
  void end() throws IOException {
    writer.close();
    file.close();
    assertThat(pool.open()).isZero();
  }

  private void write(int... lengths) throws IOException {
    List<OwnedBuffer> batch = new ArrayList<>();
    for (int length : lengths) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      given.writeBytes(bytes);
      batch.add(OwnedBuffer.unpooled(ByteBuffer.allocateDirect(length).put(bytes).flip()));
    }
    writer.write(batch);
    // They are the caller's again, who may fill them with something else.
    for (OwnedBuffer owned : batch) {
      ByteBuffer buffer = owned.buffer().clear();
      buffer.put(new byte[buffer.remaining()]);
    }
  }

  private byte[] written() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return Files.readAllBytes(files.findFirst().orElseThrow());
    }
  }

  @Test
  void letsASmallBatchWaitForMore() throws IOException {
    write(16, 64 * KIB);
    write(16, 64 * KIB);
    assertThat(written()).isEmpty();
    writer.flush();
    assertThat(written()).isEqualTo(given.toByteArray());
  }

  @Test
  void writesWhatWaitsBeforeALargeBatch() throws IOException {
    write(100);
    write(64 * KIB, 3, 300 * KIB, 7);
    assertThat(written()).isEqualTo(given.toByteArray());
  }

  @Test
  void writesWhatWaitsWhenThereIsNoRoomForMore() throws IOException {
    while (given.size() <= STAGING) {
      write(16, 200 * KIB);
    }
    assertThat(written()).hasSize(STAGING);
    writer.flush();
    assertThat(written()).isEqualTo(given.toByteArray());
  }
}
