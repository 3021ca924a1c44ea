package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Failures of the system say the name, the path, the reason and what to do, and leave nothing. */
class FailuresTest {
  private static final int TOO_MUCH = 8 << 20;

  @TempDir Path place;

  @ParameterizedTest
  @CsvSource({
    "No space left on device, disk is full, false",
    "Disk quota exceeded, quota is used up, false",
    "Read-only file system, mount it for writing, false",
    "File name too long, shorter name, false",
    "File too large, ulimit -f, false",
    "Too many open files, ulimit -n, true",
    "No locks available, file locks, false",
    "Input/output error, check the disk, false",
    "Not a directory, file or link, false",
    "Something unheard of, check the directory, false"
  })
  void saysWhatToDo(String reason, String advice, boolean isTransient) {
    IOException cause = new FileSystemException("/store/a.rkcp", null, reason);
    assertThat(Failures.of("a", cause))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.isTransient()).isEqualTo(isTransient))
        .hasMessageContainingAll("'a'", "/store/a.rkcp", reason, advice)
        .hasCause(cause);
  }

  @Test
  void saysThatPermissionIsMissing() {
    assertThat(Failures.of("a", new AccessDeniedException("/store")))
        .hasMessageContainingAll("'a'", "/store", "permission denied");
  }

  @Test
  void leavesOtherFailuresAlone() {
    Throwable own = new IllegalStateException("own");
    assertThat(Failures.of("a", own)).isSameAs(own);
  }

  @Test
  void tellsOfARootThatIsAFile() throws IOException {
    Path file = Files.writeString(place.resolve("file"), "in the way");
    try (StoreUnderTest store = new StoreUnderTest(file)) {
      for (Throwable failure :
          List.of(
              catchThrowable(() -> store.save("a", "b", SaveOptions.replace())),
              catchThrowable(() -> store.stat("a")),
              catchThrowable(() -> store.delete("a")))) {
        assertThat(failure)
            .isInstanceOf(StorageException.class)
            .hasMessageContainingAll(file.toString(), "directory");
      }
    }
    assertThat(file).hasContent("in the way");
  }

  @Test
  void tellsOfAFileThatStandsWhereADirectoryMust() throws IOException {
    Files.writeString(place.resolve("sim"), "in the way");
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      assertThat(catchThrowable(() -> store.save("sim/a", "b", SaveOptions.replace())))
          .isInstanceOf(StorageException.class)
          .hasMessageContainingAll("sim/a", place.resolve("sim").toString(), "directory");
      assertThat(store.names("sim/")).isEmpty();
    }
  }

  @Test
  void leavesNothingOnAFullDisk() throws Exception {
    Path disk = Files.createDirectories(place.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()),
        "a disk that can be filled needs the right to mount one (root)");
    try (StoreUnderTest store = new StoreUnderTest(disk.resolve("store"))) {
      store.save("a", "before", SaveOptions.replace());
      assertThat(catchThrowable(() -> saveTooMuch(store.storage())))
          .isInstanceOf(StorageException.class)
          .hasMessageContainingAll("'a'", "disk is full");
      assertThat(OpenFiles.temporaryBelow(disk)).isEmpty();
      assertThat(store.text("a")).isEqualTo("before");
      store.save("a", "after", SaveOptions.replace());
      assertThat(run("mount", "-o", "remount,ro", disk.toString())).isTrue();
      assertThat(catchThrowable(() -> store.save("a", "late", SaveOptions.replace())))
          .isInstanceOf(StorageException.class)
          .hasMessageContainingAll("'a'", "read-only", disk.toString());
      assertThat(store.text("a")).isEqualTo("after");
    } finally {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  private static void saveTooMuch(FileStorage storage) {
    Flux<OwnedBuffer> content =
        Flux.range(0, 8).map(i -> OwnedBuffer.unpooled(ByteBuffer.allocateDirect(TOO_MUCH / 8)));
    storage.save("a", content, SaveOptions.replace()).block(Patience.LIMIT);
  }

  @Test
  void leavesNothingWhenAFileGrowsTooLarge() throws Exception {
    ProcessBuilder builder = new ProcessBuilder();
    List<String> limited = List.of("sh", "-c", "ulimit -f 2048; exec \"$@\"", "sh");
    try (ChildJvm child = ChildJvm.start(builder, limited, Grower.class, place.toString())) {
      assertThat(child.line()).contains("'a'", "ulimit -f");
      child.assertSucceeds();
    }
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      assertThat(store.names("")).isEmpty();
      assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
    }
  }

  /** Saves more than it may, and prints how that fails. */
  static final class Grower {
    public static void main(String[] arguments) {
      FileStorage storage = new FileStorage(Path.of(arguments[0]));
      System.out.println(catchThrowable(() -> saveTooMuch(storage)).getMessage());
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(Patience.LIMIT.toSeconds(), TimeUnit.SECONDS)
        && process.exitValue() == 0;
  }
}
