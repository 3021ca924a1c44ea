package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Two writers, each with a client of its own, and one name. */
class WritersRaceTest {
  private static final int ROUNDS = 1_000;

  private GcsServer server;
  private StoreUnderTest one;
  private StoreUnderTest two;

  @BeforeEach
  void open() throws IOException {
    server = new GcsServer();
    one = new StoreUnderTest(server);
    two = new StoreUnderTest(server);
  }

  @AfterEach
  void close() throws IOException {
    one.close();
    two.close();
    server.close();
  }

  @Test
  void letsExactlyOneOfTwoCreateANameInEachOfAThousandRounds() {
    List<Integer> winners =
        rounds(
            round ->
                Flux.merge(
                    create(one, "round/" + round, "one"), create(two, "round/" + round, "two")));
    assertThat(winners).hasSize(ROUNDS).containsOnly(1);
    assertThat(one.names("round/")).hasSize(ROUNDS);
  }

  private static Mono<Boolean> create(StoreUnderTest store, String name, String text) {
    return store
        .saving(name, bytes(text), SaveOptions.onlyIfAbsent())
        .thenReturn(true)
        .onErrorResume(AlreadyExistsException.class, e -> Mono.just(false));
  }

  @Test
  void letsExactlyOneOfTwoReplaceAVersionWhileResponsesAreLost() {
    AtomicInteger requests = new AtomicInteger();
    server.breakBy(
        request ->
            // So rarely that no save loses every answer to its six tries.
            request.equals("POST multipart") && requests.incrementAndGet() % 47 == 0
                ? Fault.LOST_RESPONSE
                : null);
    List<Integer> winners =
        rounds(
            round -> {
              String name = "n/" + round;
              return one.saving(name, bytes("first"), SaveOptions.onlyIfAbsent())
                  .flatMapMany(first -> Flux.merge(replace(one, first), replace(two, first)));
            });
    assertThat(winners).hasSize(ROUNDS).containsOnly(1);
  }

  private static Mono<Boolean> replace(StoreUnderTest store, StoredObject first) {
    return store
        .saving(first.name(), bytes("next"), SaveOptions.onlyIfVersion(first.version()))
        .thenReturn(true)
        .onErrorResume(ChangedMeanwhileException.class, e -> Mono.just(false));
  }

  /** How many won, round by round. */
  private static List<Integer> rounds(java.util.function.IntFunction<Flux<Boolean>> round) {
    return Objects.requireNonNull(
        Flux.range(0, ROUNDS)
            .flatMap(i -> round.apply(i).filter(won -> won).count().map(Long::intValue), 8)
            .collectList()
            .block(Patience.LIMIT.multipliedBy(4)));
  }

  @Test
  void refusesTheOneWhoseFirstTryNeverArrivedWhenAnotherTookTheName() {
    AtomicBoolean broken = new AtomicBoolean();
    server.breakBy(
        request -> {
          if (!request.equals("POST multipart") || !broken.compareAndSet(false, true)) {
            return null;
          }
          two.save("a", bytes("two"), SaveOptions.onlyIfAbsent());
          return Fault.RESET_IN_REQUEST;
        });
    assertThat(create(one, "a", "one").block(Patience.LIMIT)).isFalse();
    assertThat(one.read("a", io.ringkernel.checkpoint.storage.Range.all())).isEqualTo(bytes("two"));
  }

  @Test
  void replacesOnceWhenTheFirstTryArrivesLate() {
    one.save("a", bytes("first"), SaveOptions.replace());
    server.requests();
    AtomicBoolean broken = new AtomicBoolean();
    server.breakBy(
        request ->
            request.equals("POST multipart") && broken.compareAndSet(false, true)
                ? Fault.BAD_GATEWAY_AFTERWARDS
                : null);
    StoredObject saved = one.save("a", bytes("second"), SaveOptions.replace());
    assertThat(saved).isEqualTo(one.stat("a"));
    assertThat(server.requests()).filteredOn("POST multipart"::equals).hasSize(1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
