package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStorageProviderTest {
  @TempDir Path place;

  @Test
  void isFoundOnTheClassPath() {
    assertStoresAt("file:" + place.resolve("a"), place.resolve("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:", "file://", "file://localhost", "FILE:"})
  void takesAnAbsolutePathInEachForm(String scheme) {
    assertStoresAt(scheme + place.resolve("with%20space"), place.resolve("with space"));
  }

  @Test
  void takesAPathRelativeToTheWorkingDirectory() {
    Path relative = Path.of("").toAbsolutePath().relativize(place.resolve("rel"));
    assertStoresAt("file:" + relative, place.resolve("rel"));
  }

  private static void assertStoresAt(String uri, Path root) {
    CheckpointStorage storage = CheckpointStorages.open(uri);
    storage
        .save("x", StoreUnderTest.buffers("y"), SaveOptions.replace())
        .then(storage.close())
        .block(Patience.LIMIT);
    assertThat(root.resolve("x.rkcp")).hasContent("y");
  }

  @Test
  void makesNothingBeforeTheFirstSave() {
    Path root = place.resolve("later");
    CheckpointStorages.open("file:" + root).close().block(Patience.LIMIT);
    assertThat(Files.exists(root)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"file:", "file://other/dir", "file://", "file:/a?threads=3", "file:/a%00b"})
  void refusesWhatIsNoLocalDirectory(String uri) {
    assertThatThrownBy(() -> CheckpointStorages.open(uri))
        .isInstanceOf(InvalidOptionException.class);
  }
}
