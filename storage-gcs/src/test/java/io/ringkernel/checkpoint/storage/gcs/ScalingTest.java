package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.storage.gcs.fleet.Fleet;
import io.ringkernel.checkpoint.storage.gcs.fleet.Requests;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
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

  /** Of a first save's uploads: behind pin, object, head, placeholder and head. */
  private static final int ENTRY = 6;

  private static final String ENTRY_IS_MISSING = "its entry is still to be written";

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
  void triesTheSecondWriteToANewNameAgainWhenItComesTooSoon() {
    AtomicInteger uploads = new AtomicInteger();
    refuse(upload -> upload == ENTRY, uploads);

    SaveReceipt receipt =
        save(checkpointer, SaveRequest.defaults().named("new").base(BaseChoice.latest()));

    assertThat(receipt.notes()).noneMatch(note -> note.contains(ENTRY_IS_MISSING));
    Requests again = new Requests(1, 0, 0, 0, 0);
    // Names made for the kernel, which this one is not, and those beside it.
    Requests alsoBesideIt = new Requests(0, 0, 0, 1, 0);
    assertThat(Requests.counted(server.requests()))
        .isEqualTo(Requests.FIRST_SAVE.plus(Requests.RESERVE).plus(again).plus(alsoBesideIt));
  }

  @Test
  void commitsEvenIfTheSecondWriteToANewNameIsRefusedForGood() {
    try (StoreUnderTest impatient = new StoreUnderTest(server)) {
      Checkpointer there = Checkpointer.builder(impatient.storage()).build();
      AtomicInteger uploads = new AtomicInteger();
      refuse(upload -> upload >= ENTRY, uploads);

      SaveReceipt receipt =
          save(there, SaveRequest.defaults().named("new").base(BaseChoice.latest()));

      assertThat(receipt.notes()).anyMatch(note -> note.contains(ENTRY_IS_MISSING));
      try (Checkpoint loaded = StoreUnderTest.await(there.load("new"))) {
        assertThat(loaded.metadata().kernelId()).isEqualTo("wave");
      }
      there.close().block(Patience.LIMIT);
    }
  }

  @Test
  void readsNothingToPlanASaveThatIsToBeAFullOne() {
    save(checkpointer, SaveRequest.defaults().named("first"));
    List<String> unused = server.requests();

    save(checkpointer, SaveRequest.defaults().named("new").base(BaseChoice.full()));

    assertThat(Requests.counted(server.requests())).isEqualTo(Requests.FULL_SAVE);
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

  private void refuse(IntPredicate which, AtomicInteger uploads) {
    server.breakBy(
        request ->
            request.startsWith("POST") && which.test(uploads.incrementAndGet())
                ? Fault.TOO_MANY_REQUESTS
                : null);
  }

  private static SaveReceipt save(Checkpointer checkpointer, SaveRequest request) {
    try (Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("wave", "fleet").build())
            .deviceMemory("state", ChunkContent.of(new byte[1000]))
            .build()) {
      return StoreUnderTest.await(checkpointer.save(checkpoint, request));
    }
  }
}
