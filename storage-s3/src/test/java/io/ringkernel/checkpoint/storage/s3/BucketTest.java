package io.ringkernel.checkpoint.storage.s3;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.storage.StorageOptions;
import io.ringkernel.checkpoint.storage.blocking.IoThreads;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BucketTest {
  @Test
  void tellsItsSubscriberWhatReactorWouldTakeForTheEndOfTheProcess() {
    S3Options options =
        S3Options.parse(StorageOptions.parse("s3://bucket?endpoint=http://localhost:1"));
    IoThreads threads = new IoThreads("rkcp-s3-test", 1);
    Connection connection =
        new Connection("bucket", new ClientSettings(options, client -> {}, threads));
    Bucket bucket =
        new Bucket(options, connection, threads, TimeLimits.DEFAULT, new Failures(options));
    NoClassDefFoundError missing = new NoClassDefFoundError("of another version");

    CompletableFuture<Object> request =
        bucket
            .send(
                client -> {
                  throw missing;
                })
            .toFuture();

    try {
      assertThat(catchThrowable(() -> request.get(Patience.LIMIT.toSeconds(), SECONDS)))
          .hasCause(missing);
    } finally {
      threads.execute(connection::close);
      threads.stop();
      threads.ended().block(Patience.LIMIT);
    }
  }
}
