package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.gcs.server.Fault;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What each operation asks of the service: docs/storage-gcs.md tells the same. */
class RequestsTest {
  private static final int PART = StoreUnderTest.PART;
  private static final byte[] SMALL = DeterministicBytes.array(1, 1000);
  private static final byte[] LARGE = DeterministicBytes.array(2, 3 * PART + 777);

  private GcsServer server;
  private StoreUnderTest store;

  @BeforeEach
  void open() throws IOException {
    server = new GcsServer();
    store = new StoreUnderTest(server);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    server.close();
  }

  @Test
  void savesASmallObjectWithOneRequest() {
    store.save("a", SMALL, SaveOptions.onlyIfAbsent());
    assertThat(server.requests()).containsExactly("POST multipart");
  }

  @Test
  void savesWhatFitsIntoAPartWithOneRequest() {
    store.save("a", Arrays.copyOf(LARGE, PART), SaveOptions.replace());
    assertThat(server.requests()).containsExactly("POST multipart");
  }

  @Test
  void savesALargeObjectWithOneRequestForEachPartAndOneMore() {
    store.save("a", LARGE, SaveOptions.onlyIfAbsent());
    assertThat(server.requests())
        .containsExactly("POST resumable", "PUT part", "PUT part", "PUT part", "PUT last");
  }

  @Test
  void endsAnUploadOfWholePartsWithAnEmptyRequest() {
    store.save("a", Arrays.copyOf(LARGE, 2 * PART), SaveOptions.onlyIfAbsent());
    assertThat(server.requests())
        .containsExactly("POST resumable", "PUT part", "PUT part", "PUT last");
    assertThat(store.read("a", Range.all())).isEqualTo(Arrays.copyOf(LARGE, 2 * PART));
  }

  @Test
  void looksOnceMoreWhenASaveIsRefused() {
    StoredObject saved = store.save("a", SMALL, SaveOptions.onlyIfAbsent());
    server.requests();
    assertThat(Assertions.catchThrowable(() -> store.save("a", SMALL, SaveOptions.onlyIfAbsent())))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(server.requests()).containsExactly("POST multipart", "GET object");
    SaveOptions other = SaveOptions.onlyIfVersion(saved.version() + "0");
    assertThat(Assertions.catchThrowable(() -> store.save("a", LARGE, other)))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining(saved.version());
    assertThat(server.requests()).containsExactly("POST resumable", "GET object");
  }

  @Test
  void refusesAVersionThatNoObjectHasWithoutAnUpload() {
    store.save("a", SMALL, SaveOptions.onlyIfAbsent());
    server.requests();
    for (String version : List.of("0", "-1", "x", "", "01", "99999999999999999999")) {
      assertThat(
              Assertions.catchThrowable(
                  () -> store.save("a", SMALL, SaveOptions.onlyIfVersion(version))))
          .as(version)
          .isInstanceOf(ChangedMeanwhileException.class);
    }
    assertThat(server.requests()).containsOnly("GET object");
  }

  @Test
  void readsWithTwoRequestsAndTransfersTheRangeOnly() {
    store.save("a", LARGE, SaveOptions.onlyIfAbsent());
    server.requests();
    store.read("a", Range.of(1000, 5000));
    store.read("a", Range.suffix(100));
    assertThat(server.requests())
        .containsExactly("GET object", "GET media", "GET object", "GET media");
    assertThat(server.api().bytesSent()).isEqualTo(5100);
  }

  @Test
  void readsAKnownVersionIntoMemoryWithOneRequest() {
    String version = store.save("a", LARGE, SaveOptions.onlyIfAbsent()).version();
    server.requests();
    ByteBuffer first = ByteBuffer.allocate(1000);
    ByteBuffer second = ByteBuffer.allocateDirect(2000);
    assertThat(StoreUnderTest.await(into(version, 5, first, second))).isEqualTo(3000);
    assertThat(server.requests()).containsExactly("GET media");
    assertThat(server.api().bytesSent()).isEqualTo(3000);
    assertThat(second.flip()).isEqualTo(ByteBuffer.wrap(LARGE, 1005, 2000));
    assertThat(StoreUnderTest.await(into(version, LARGE.length - 7, first.clear()))).isEqualTo(7);
    assertThat(StoreUnderTest.await(into(version, LARGE.length, first.clear()))).isZero();
    assertThat(StoreUnderTest.await(into(version, Long.MAX_VALUE, first.clear()))).isZero();
  }

  private Mono<Long> into(String version, long offset, ByteBuffer... targets) {
    return store.storage().readInto("a", version, offset, List.of(targets));
  }

  @Test
  void tellsTheProjectThatPaysWithEachRequest() {
    GcsStorage paid = StoreUnderTest.open(server.url(), "gs://bucket?user-project=payer-1");
    paid.save("a", StoreUnderTest.pieces(SMALL), SaveOptions.replace()).block(Patience.LIMIT);
    byte[] large = new byte[GcsOptions.DEFAULT_PART_SIZE + 1];
    paid.save("b", StoreUnderTest.pieces(large), SaveOptions.replace()).block(Patience.LIMIT);
    paid.read("a", Range.all(), null).flatMap(StoreUnderTest::bytesOf).block(Patience.LIMIT);
    paid.list("").blockLast(Patience.LIMIT);
    paid.delete("a").block(Patience.LIMIT);
    paid.close().block(Patience.LIMIT);
    assertThat(server.paidBy("payer-1"))
        .contains(
            "POST multipart",
            "POST resumable",
            "GET object",
            "GET media",
            "GET list",
            "DELETE object");
  }

  @Test
  void readsNoBytesWithOneRequest() {
    store.save("a", LARGE, SaveOptions.onlyIfAbsent());
    server.requests();
    assertThat(store.read("a", Range.of(LARGE.length, 10))).isEmpty();
    assertThat(server.requests()).containsExactly("GET object");
  }

  @Test
  void goesOnAtTheByteWhereAReadBroke() {
    store.save("a", LARGE, SaveOptions.onlyIfAbsent());
    server.requests();
    AtomicBoolean broken = new AtomicBoolean();
    server.breakBy(
        request ->
            request.equals("GET media") && broken.compareAndSet(false, true)
                ? Fault.TRUNCATED_RESPONSE
                : null);
    assertThat(store.read("a", Range.all())).isEqualTo(LARGE);
    assertThat(server.requests()).containsExactly("GET object", "GET media", "GET media");
    // The first answer was made whole and cut on its way; the second is the rest alone.
    assertThat(server.api().bytesSent() - LARGE.length).isEqualTo(LARGE.length - LARGE.length / 2);
  }

  @Test
  void sendsTheRestOfAPartThatWasTakenInPieces() {
    server.api().acceptAtMost(PART / 2);
    store.save("a", LARGE, SaveOptions.onlyIfAbsent());
    assertThat(store.read("a", Range.all())).isEqualTo(LARGE);
  }

  @Test
  void listsWithOneRequestForEachPage() {
    server.api().pageSize(2);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      store.save(name, SMALL, SaveOptions.replace());
    }
    server.requests();
    assertThat(store.names("")).hasSize(5);
    assertThat(server.requests()).isEqualTo(Collections.nCopies(3, "GET list"));
  }

  @Test
  void deletesWithALookAndAVersionWithout() {
    store.save("a", SMALL, SaveOptions.replace());
    StoredObject b = store.save("b", SMALL, SaveOptions.replace());
    server.requests();
    assertThat(store.delete("a")).isTrue();
    assertThat(server.requests()).containsExactly("GET object", "DELETE object");
    assertThat(StoreUnderTest.await(store.storage().delete("b", b.version()))).isTrue();
    assertThat(server.requests()).containsExactly("DELETE object");
    assertThat(store.delete("a")).isFalse();
    assertThat(server.requests()).containsExactly("GET object");
  }

  @Test
  void leavesAlonePlacesThatAreNoNames() {
    store.save("a", SMALL, SaveOptions.replace());
    GcsStorage bare = StoreUnderTest.open(server.url(), "gs://bucket");
    bare.save("some/prefix/b", StoreUnderTest.pieces(SMALL), SaveOptions.replace()).block();
    bare.save("some/prefixes", StoreUnderTest.pieces(SMALL), SaveOptions.replace()).block();
    server.putForeign("some/prefix/");
    server.putForeign("some/prefix//x");
    server.putForeign("some/prefix/y/");
    assertThat(store.names("")).containsExactly("a", "b");
    bare.close().block();
  }

  @Test
  void tellsWhenBytesWereDamagedOnTheirWay() {
    store.save("a", LARGE, SaveOptions.replace());
    server.api().corruptReads(true);
    Throwable failure = Assertions.catchThrowable(() -> store.read("a", Range.all()));
    assertThat(failure).isInstanceOf(StorageException.class).hasMessageContaining("CRC-32C");
    assertThat(((StorageException) failure).isTransient()).isTrue();
    server.api().corruptReads(false);
    assertThat(store.read("a", Range.all())).isEqualTo(LARGE);
  }
}
