package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3StorageProviderTest {
  private static S3Options parsed(String uri) {
    return S3Options.parse(StorageOptions.parse(uri));
  }

  @Test
  void isFoundOnTheClassPath() throws Exception {
    try (S3Server server = new S3Server()) {
      CheckpointStorage storage = CheckpointStorages.open(server.uri("a/b"));
      TrackedBuffers buffers = new TrackedBuffers();
      storage
          .save("x", buffers.pieces(new byte[] {1}, 1), SaveOptions.replace())
          .then(storage.close())
          .block(Patience.LIMIT);
      assertThat(server.bucket().keys()).containsExactly("a/b/x");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket, bucket, ''",
    "s3://bucket/, bucket, ''",
    "S3://bucket/a, bucket, a/",
    "s3://bucket/a/b/, bucket, a/b/",
    "s3://my.bucket-1/with%20space, my.bucket-1, with space/"
  })
  void takesABucketAndAPrefix(String uri, String bucket, String prefix) {
    assertThat(parsed(uri).bucket()).isEqualTo(bucket);
    assertThat(parsed(uri).prefix()).isEqualTo(prefix);
  }

  @Test
  void takesItsParameters() {
    S3Options options =
        parsed(
            "s3://bucket?region=eu-central-1&endpoint=http://minio:9000&path-style=false"
                + "&memory=256&part-size=16&checksums=false&conditional-delete=false&nested-names=true");
    assertThat(options.region()).isEqualTo("eu-central-1");
    assertThat(options.endpoint()).hasHost("minio").hasPort(9000);
    assertThat(options.pathStyle()).isFalse();
    assertThat(options.plan()).isEqualTo(new PartPlan(256L << 20, 16 << 20));
    assertThat(options.checksums()).isFalse();
    assertThat(options.conditionalDelete()).isEqualTo(ConditionalDelete.REFUSED);
    assertThat(options.nestedNames()).isTrue();
  }

  @Test
  void asksForPathsWhereAnEndpointIsGiven() {
    assertThat(parsed("s3://bucket?endpoint=https://minio").pathStyle()).isTrue();
    assertThat(parsed("s3://bucket").pathStyle()).isNull();
    assertThat(parsed("s3://bucket?path-style=true").pathStyle()).isTrue();
    assertThat(parsed("s3://bucket").checksums()).isTrue();
    assertThat(parsed("s3://bucket").conditionalDelete()).isEqualTo(ConditionalDelete.HONOURED);
    assertThat(parsed("s3://bucket?endpoint=https://minio").conditionalDelete())
        .isEqualTo(ConditionalDelete.DOUBTED);
    assertThat(parsed("s3://bucket").nestedNames()).isTrue();
    assertThat(parsed("s3://bucket?endpoint=https://minio").nestedNames()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"aws.endpointUrl", "aws.endpointUrlS3"})
  void expectsLessOfAnEndpointThatTheUriDoesNotName(String property) {
    System.setProperty(property, "https://minio");
    try {
      assertThat(parsed("s3://bucket").nestedNames()).isFalse();
      assertThat(parsed("s3://bucket?nested-names=true").nestedNames()).isTrue();
      assertThat(parsed("s3://bucket").conditionalDelete()).isEqualTo(ConditionalDelete.DOUBTED);
      assertThat(parsed("s3://bucket?conditional-delete=true").conditionalDelete())
          .isEqualTo(ConditionalDelete.HONOURED);
    } finally {
      System.clearProperty(property);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3:",
        "s3:bucket",
        "s3://",
        "s3:///a",
        "s3://b",
        "s3://bu cket",
        "s3://bucket/a//b",
        "s3://bucket/../b",
        "s3://bucket?regoin=x",
        "s3://bucket?region=EU!",
        "s3://bucket?endpoint=minio:9000",
        "s3://bucket?endpoint=ftp://minio",
        "s3://bucket?endpoint=http://",
        "s3://bucket?endpoint=http://a b",
        "s3://bucket?path-style=yes",
        "s3://bucket?memory=7",
        "s3://bucket?memory=65537",
        "s3://bucket?memory=-64",
        "s3://bucket?memory=9999999999",
        "s3://bucket?part-size=4",
        "s3://bucket?part-size=5121",
        "s3://bucket?checksums=",
        "s3://bucket?conditional-delete=no"
      })
  void refusesWhatItCannotUse(String uri) {
    assertThatThrownBy(() -> CheckpointStorages.open(uri))
        .isInstanceOf(InvalidOptionException.class);
  }

  @Test
  void refusesAPrefixThatLeavesNoRoomForNames() {
    assertThat(parsed("s3://bucket/" + "p".repeat(123)).prefix()).hasSize(124);
    assertThatThrownBy(() -> parsed("s3://bucket/" + "p".repeat(124)))
        .isInstanceOf(InvalidOptionException.class);
  }

  @Test
  void tellsWhatIsWrongWithBucketAndPrefix() {
    assertThatThrownBy(() -> parsed("s3://bucket/a//b"))
        .hasMessageStartingWith("option 'store': no prefix in a bucket: ")
        .hasMessageContaining("'a//b/'")
        .hasMessageContaining("an empty component");
    assertThatThrownBy(() -> parsed("s3://"))
        .hasMessage("option 'store': '' is no bucket's name: write it as s3://bucket/prefix");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://AKIA:SeCrEt@bucket/a",
        "s3:AKIA:SeCrEt@bucket",
        "s3://bucket?endpoint=http://AKIA:SeCrEt@minio",
        "s3://bucket?endpoint=http://SeCrEt minio",
        "s3://bucket?endpoint=http://minio?key=SeCrEt",
        "s3://bucket?region=SeCrEt",
        "s3://bucket?memory=SeCrEt",
        "s3://bucket?secret-key=SeCrEt"
      })
  void refusesCredentialsWithoutShowingThem(String uri) {
    Throwable refusal = catchThrowable(() -> CheckpointStorages.open(uri));
    for (Throwable each = refusal; each != null; each = each.getCause()) {
      assertThat(each.toString()).doesNotContain("SeCrEt");
    }
    assertThat(refusal).isInstanceOf(InvalidOptionException.class);
  }

  @Test
  void asksNothingBeforeTheFirstCall() throws Exception {
    try (S3Server server = new S3Server()) {
      CheckpointStorages.open(server.uri("a")).close().block(Patience.LIMIT);
      assertThat(server.faults().takeCounts()).isEmpty();
    }
  }
}
