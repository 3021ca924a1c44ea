package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.storage.gcs.fleet.Fleet;
import io.ringkernel.checkpoint.storage.gcs.fleet.Requests;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A fleet of kernels at reduced scale: what they ask of a bucket is what docs/scaling.md says, to
 * the request.
 */
class ScalingTest {
  private static final int CALLS = 9;

  private GcsServer server;
  private GcsStorage storage;
  private Checkpointer checkpointer;

  @BeforeEach
  void open() throws IOException {
    server = new GcsServer();
    storage = StoreUnderTest.open(server.url(), "gs://bucket/fleet");
    checkpointer = Checkpointer.builder(storage).build();
  }

  @AfterEach
  void close() throws IOException {
    checkpointer.close().block(Patience.LIMIT);
    storage.close().block(Patience.LIMIT);
    server.close();
  }

  /** Two sizes: a number that only looks like a multiple of something is not the same in both. */
  @ParameterizedTest
  @CsvSource({"20, 5", "7, 9"})
  void asksOfABucketWhatTheModelSays(int kernels, int saves) {
    List<Fleet.Count> counts =
        new Fleet(checkpointer, server::requests, kernels, saves)
            .run()
            .collectList()
            .block(Patience.LIMIT);
    assertThat(counts)
        .hasSize(CALLS)
        .allSatisfy(
            count -> assertThat(count.counted()).as(count.call()).isEqualTo(count.predicted()));
  }

  @Test
  void countsEachClassOfRequests() {
    assertThat(
            Requests.counted(
                List.of("GET list", "GET object", "GET media", "POST multipart", "DELETE object")))
        .isEqualTo(new Requests(1, 0, 2, 1, 1));
    assertThat(Requests.counted(List.of("POST resumable", "PUT part", "PUT last")))
        .isEqualTo(new Requests(1, 2, 0, 0, 0));
  }
}
