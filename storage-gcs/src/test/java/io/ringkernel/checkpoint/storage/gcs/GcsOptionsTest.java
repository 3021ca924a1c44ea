package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.tck.Patience;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GcsOptionsTest {
  @Test
  void isFoundOnTheClassPathAndDoesNothingYet() {
    CheckpointStorage storage = CheckpointStorages.open("gs://bucket-that-nobody-has/prefix");
    assertThat(storage).isInstanceOf(GcsStorage.class);
    storage.close().block(Patience.LIMIT);
  }

  @ParameterizedTest
  @CsvSource({
    "gs://bucket, bucket, ''",
    "gs://bucket/, bucket, ''",
    "GS://my.bucket_1/runs, my.bucket_1, runs/",
    "gs://bucket/runs/, bucket, runs/",
    "gs://bucket/a/b%20c, bucket, a/b c/"
  })
  void takesABucketAndAPrefix(String uri, String bucket, String prefix) {
    GcsOptions options = GcsOptions.parse(StorageOptions.parse(uri));
    assertThat(options.bucket()).isEqualTo(bucket);
    assertThat(options.prefix()).isEqualTo(prefix);
    assertThat(options.partSize()).isEqualTo(16 << 20);
  }

  @ParameterizedTest
  @CsvSource({"262144, 262144", "256KiB, 262144", "16MiB, 16777216", "256MiB, 268435456"})
  void takesAPartSize(String text, int bytes) {
    StorageOptions options = StorageOptions.parse("gs://bucket?part-size=" + text);
    assertThat(GcsOptions.parse(options).partSize()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gs:",
        "gs:bucket",
        "gs:/bucket",
        "gs://",
        "gs:///x",
        "gs://UPPER",
        "gs://a",
        "gs://-bucket",
        "gs://bucket//x",
        "gs://bucket/a/../b",
        "gs://bucket/a//",
        "gs://bucket//",
        "gs://bucket?size=1",
        "gs://bucket?part-size=",
        "gs://bucket?part-size=1MiB1",
        "gs://bucket?part-size=300000",
        "gs://bucket?part-size=0",
        "gs://bucket?part-size=512MiB",
        "gs://bucket?part-size=9999999999MiB",
        "gs://bucket?endpoint=storage.example",
        "gs://bucket?endpoint=ftp://storage.example",
        "gs://bucket?endpoint=https://u:p@storage.example",
        "gs://bucket?endpoint=https://storage.example?key=1",
        "gs://bucket?endpoint=https://[",
        "gs://bucket?user-project=a%20b",
      })
  void refusesWhatCantBeUsed(String uri) {
    StorageOptions options = StorageOptions.parse(uri);
    assertThatThrownBy(() -> GcsOptions.parse(options)).isInstanceOf(InvalidOptionException.class);
  }

  @Test
  void refusesAPrefixThatLeavesNoRoomForNames() {
    String longest = "p".repeat(123);
    assertThat(GcsOptions.parse(StorageOptions.parse("gs://bucket/" + longest)).prefix())
        .isEqualTo(longest + "/");
    StorageOptions longer = StorageOptions.parse("gs://bucket/p" + longest);
    assertThatThrownBy(() -> GcsOptions.parse(longer))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("shorten");
  }

  @Test
  void showsNothingOfWhatMayBeASecret() {
    StorageOptions options =
        StorageOptions.parse("gs://bucket?endpoint=https://user:hunter2@storage.example");
    assertThat(options.toString()).doesNotContain("hunter2");
    assertThatThrownBy(() -> GcsOptions.parse(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageNotContaining("hunter2")
        .hasNoCause();
  }
}
