package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.CollectOptions;
import io.ringkernel.checkpoint.core.RetentionPolicy;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A fleet of kernels at reduced scale: what they ask of a bucket is what docs/scaling.md says, to
 * the request.
 */
class ScalingTest {
  private static final int KERNELS = 20;
  private static final int SAVES = 5;
  private static final int KEPT = 2;
  private static final int AT_ONCE = 8;
  private static final int BLOCK = 64 << 10;

  /** Requests by class; the model of docs/scaling.md is in these. */
  private record Requests(long posts, long puts, long gets, long lists, long deletes) {
    static final Requests FIRST_SAVE = new Requests(4, 0, 6, 1, 1);
    static final Requests DELTA = new Requests(4, 0, 18, 1, 1);
    static final Requests OPEN = new Requests(0, 0, 7, 0, 0);
    static final Requests ANCESTOR = new Requests(0, 0, 3, 0, 0);
    static final Requests RANGE = new Requests(0, 0, 1, 0, 0);
    static final Requests DELETION = new Requests(0, 0, 6, 0, 1);

    static Requests listing(int checkpoints, int kernels) {
      return new Requests(0, 0, 2L * (checkpoints + kernels), 2, 0);
    }

    static Requests collection(int checkpoints, int kernels, int removed) {
      return new Requests(5, 0, 4L * (checkpoints + kernels), 8, removed + 1L);
    }

    Requests plus(Requests more) {
      return new Requests(
          posts + more.posts,
          puts + more.puts,
          gets + more.gets,
          lists + more.lists,
          deletes + more.deletes);
    }

    Requests times(long count) {
      return new Requests(
          posts * count, puts * count, gets * count, lists * count, deletes * count);
    }

    static Requests counted(List<String> seen) {
      long lists = count(seen, "GET list");
      return new Requests(
          count(seen, "POST"),
          count(seen, "PUT"),
          count(seen, "GET") - lists,
          lists,
          count(seen, "DELETE"));
    }

    private static long count(List<String> seen, String prefix) {
      return seen.stream().filter(request -> request.startsWith(prefix)).count();
    }
  }

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

  @Test
  void asksOfABucketWhatTheModelSays() {
    saveOfEach(0);
    assertThat(sinceThen()).as("first saves").isEqualTo(Requests.FIRST_SAVE.times(KERNELS));

    for (int save = 1; save < SAVES; save++) {
      saveOfEach(save);
    }
    assertThat(sinceThen())
        .as("deltas")
        .isEqualTo(Requests.DELTA.times((long) KERNELS * (SAVES - 1)));

    loadOfEach();
    // The newest holds its own block; all others are in the first.
    Requests load = Requests.OPEN.plus(Requests.ANCESTOR).plus(Requests.RANGE.times(2));
    assertThat(sinceThen()).as("loads").isEqualTo(load.times(KERNELS));

    int checkpoints = KERNELS * SAVES;
    assertThat(checkpointer.list("").count().block(Patience.LIMIT)).isEqualTo(checkpoints);
    assertThat(sinceThen()).as("listing").isEqualTo(Requests.listing(checkpoints, KERNELS));

    checkpointer.delete("kernel-0/1").block(Patience.LIMIT);
    assertThat(sinceThen()).as("deletion").isEqualTo(Requests.DELETION);

    checkpointer.prune(RetentionPolicy.keepLast(KEPT)).block(Patience.LIMIT);
    assertThat(sinceThen().deletes())
        .as("entries pruned")
        .isEqualTo((long) KERNELS * (SAVES - KEPT) - 1);

    // What stays refers to itself and to the first, which has lost its entry and not its object.
    checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(Patience.LIMIT);
    int removed = KERNELS * (SAVES - KEPT - 1);
    assertThat(sinceThen())
        .as("collection")
        .isEqualTo(Requests.collection(KERNELS * KEPT, KERNELS, removed));
    loadOfEach();
  }

  private Requests sinceThen() {
    return Requests.counted(server.requests());
  }

  private void saveOfEach(int number) {
    Flux.range(0, KERNELS)
        .flatMap(kernel -> save(kernel, number), AT_ONCE)
        .blockLast(Patience.LIMIT);
  }

  private Mono<?> save(int kernel, int number) {
    return Mono.using(
        () ->
            Checkpoint.builder(
                    CheckpointMetadata.builder("kernel-" + kernel, "fleet").step(number).build())
                .deviceMemory("state", ChunkContent.of(state(kernel, number)))
                .build(),
        checkpoint ->
            checkpointer.save(
                checkpoint,
                SaveRequest.named("kernel-" + kernel + "/" + number).base(BaseChoice.latest())),
        Checkpoint::close);
  }

  /** One of its sixteen blocks differs from one save to the next. */
  private static byte[] state(int kernel, int number) {
    byte[] state = DeterministicBytes.array(kernel, 16 * BLOCK);
    state[5 * BLOCK] = (byte) number;
    return state;
  }

  private void loadOfEach() {
    Flux.range(0, KERNELS)
        .flatMap(
            kernel ->
                checkpointer
                    .load("kernel-" + kernel + "/" + (SAVES - 1))
                    .flatMap(loaded -> read(loaded, kernel)),
            AT_ONCE)
        .blockLast(Patience.LIMIT);
  }

  private static Mono<ByteBuffer> read(Checkpoint loaded, int kernel) {
    ByteBuffer target = ByteBuffer.allocate(16 * BLOCK);
    return loaded
        .region("state")
        .orElseThrow()
        .content()
        .read(0, target)
        .map(read -> target.flip())
        .doOnNext(bytes -> assertThat(bytes).isEqualTo(ByteBuffer.wrap(state(kernel, SAVES - 1))))
        .doFinally(end -> loaded.close());
  }
}
