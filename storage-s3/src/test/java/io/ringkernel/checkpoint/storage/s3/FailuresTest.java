package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StorageOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.s3.model.S3Exception;

class FailuresTest {
  private final Failures failures =
      new Failures(S3Options.parse(StorageOptions.parse("s3://bucket?endpoint=http://there:1")));

  private static Throwable answer(int status, String code) {
    return S3Exception.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "301, PermanentRedirect, check the region, false",
    "307, TemporaryRedirect, check the region, false",
    "400, InvalidBucketName, correct it, false",
    "401, Unauthorized, check the credentials, false",
    "403, AccessDenied, check the credentials, false",
    "404, NoSuchBucket, s3 mb s3://bucket, false",
    "404, NoSuchUpload, save again, true",
    "408, RequestTimeout, try again, true",
    "409, OperationAborted, try again, true",
    "418, Teapot, try again later, false",
    "429, TooManyRequests, try again, true",
    "500, InternalError, try again later, true",
    "501, NotImplemented, conditional-delete, false",
    "503, SlowDown, try again later, true"
  })
  void saysWhatTheStoreAnsweredAndWhatToDo(
      int status, String code, String advice, boolean isTransient) {
    Throwable cause = answer(status, code);
    assertThat(failures.of("a", cause))
        .isInstanceOfSatisfying(
            StorageException.class, e -> assertThat(e.isTransient()).isEqualTo(isTransient))
        .hasMessageContaining("'a' in the bucket 'bucket' at http://there:1")
        .hasMessageContaining(status + " " + code)
        .hasMessageContaining(advice)
        .hasCause(cause);
  }

  @Test
  void tellsNamesThatTheStoreRefusesFromNamesThatAreNotThere() {
    assertThat(failures.of("a", answer(400, "XMinioInvalidObjectName")))
        .isInstanceOf(InvalidNameException.class);
    assertThat(failures.of("a", answer(404, "NoSuchKey")))
        .isInstanceOf(CheckpointNotFoundException.class);
  }
}
