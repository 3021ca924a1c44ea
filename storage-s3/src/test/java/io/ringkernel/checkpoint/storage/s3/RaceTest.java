package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Two writers of one name, each through an opening of its own: one wins each time. */
class RaceTest {
  private static final int ROUNDS = 1_000;

  private final S3Server server = new S3Server();
  private final TrackedBuffers buffers = new TrackedBuffers();
  private final List<S3Storage> writers =
      List.of(server.open("some/where"), server.open("some/where"));

  private Mono<StoredObject> save(int writer, String name, String text, SaveOptions options) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return writers.get(writer).save(name, buffers.pieces(bytes, 100), options);
  }

  /** How both saves of a round end, at once. */
  private List<Object> race(Function<Integer, Mono<StoredObject>> save) {
    return Flux.just(0, 1)
        .flatMap(
            writer ->
                save.apply(writer)
                    .cast(Object.class)
                    .onErrorResume(CheckpointException.class, Mono::just))
        .collectList()
        .block(Patience.LIMIT);
  }

  private void close() throws Exception {
    Flux.fromIterable(writers).flatMap(S3Storage::close).blockLast(Patience.LIMIT);
    server.close();
    assertThat(buffers.open()).isZero();
  }

  @Test
  void givesEachNewNameToOneOfTwo() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      String name = "round/" + round;
      List<Object> ends =
          race(writer -> save(writer, name, "by " + writer, SaveOptions.onlyIfAbsent()));
      assertThat(ends).hasAtLeastOneElementOfType(StoredObject.class);
      assertThat(ends).hasAtLeastOneElementOfType(AlreadyExistsException.class);
    }
    assertThat(server.bucket().keys()).hasSize(ROUNDS);
    close();
  }

  @Test
  void letsOneOfTwoReplaceAVersionAlsoByTheSameBytes() throws Exception {
    StoredObject present = save(0, "a", "same", SaveOptions.onlyIfAbsent()).block(Patience.LIMIT);
    for (int round = 0; round < ROUNDS; round++) {
      SaveOptions condition = SaveOptions.onlyIfVersion(present.version());
      // Every other round both write what is there already.
      String text = round % 2 == 0 ? "same" : "round " + round / 2 % 2;
      List<Object> ends = race(writer -> save(writer, "a", text, condition));
      assertThat(ends).hasAtLeastOneElementOfType(ChangedMeanwhileException.class);
      assertThat(ends).hasAtLeastOneElementOfType(StoredObject.class);
      present = (StoredObject) ends.stream().filter(StoredObject.class::isInstance).toList().get(0);
    }
    assertThat(server.bucket().uploads()).isEmpty();
    close();
  }
}
