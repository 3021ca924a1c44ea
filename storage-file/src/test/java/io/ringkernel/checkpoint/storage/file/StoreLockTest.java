package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreLockTest {
  @TempDir Path place;

  @Test
  void isOneLockHoweverTheRootIsCalled() throws IOException {
    Path root = Files.createDirectories(place.resolve("root"));
    Path link = Files.createSymbolicLink(place.resolve("link"), root);
    Path detour = place.resolve("root/../link/.");
    Path relative = Path.of("").toAbsolutePath().relativize(root);
    List<StoreLock> locks =
        List.of(
            new StoreLock(root),
            new StoreLock(link),
            new StoreLock(detour),
            new StoreLock(relative));
    AtomicInteger inside = new AtomicInteger();
    List<Long> stamps =
        IntStream.range(0, 200)
            .parallel()
            .mapToObj(i -> stampAlone(locks.get(i % locks.size()), inside))
            .toList();
    assertThat(stamps).doesNotHaveDuplicates();
  }

  private static long stampAlone(StoreLock lock, AtomicInteger inside) {
    try {
      return lock.exclusively(
          stamps -> {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            long stamp = stamps.next();
            inside.decrementAndGet();
            return stamp;
          });
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void goesOnWhereItWasWhenTheClockIsSetBack() throws IOException {
    Instant ahead = Instant.now().plus(Duration.ofHours(5)).truncatedTo(ChronoUnit.MICROS);
    long micros = ChronoUnit.MICROS.between(Instant.EPOCH, ahead);
    Files.write(
        place.resolve(StoreLock.FILE_NAME),
        ByteBuffer.allocate(Long.BYTES).putLong(micros).array());
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      StoredObject first = store.save("a", "1", SaveOptions.replace());
      StoredObject second = store.save("b", "2", SaveOptions.replace());
      assertThat(first.lastModified()).isEqualTo(ahead.plus(1, ChronoUnit.MICROS));
      assertThat(second.lastModified()).isEqualTo(ahead.plus(2, ChronoUnit.MICROS));
      assertThat(store.stat("b")).isEqualTo(second);
    }
  }

  @Test
  void survivesALockFileThatWasCutOff() throws IOException {
    Files.write(place.resolve(StoreLock.FILE_NAME), new byte[3]);
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      assertThat(store.save("a", "1", SaveOptions.replace()).lastModified())
          .isAfterOrEqualTo(before);
    }
  }

  @Test
  void givesTimesThatGrowWithEachCommit() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      Instant last = Instant.EPOCH;
      for (int i = 0; i < 20; i++) {
        Instant next = store.save("n" + i, "", SaveOptions.replace()).lastModified();
        assertThat(next).isAfter(last);
        last = next;
      }
    }
  }
}
