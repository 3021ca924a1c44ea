package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** A save is all or nothing, and what was saved is what comes back. */
abstract class AtomicityTopic extends StorageTopic {
  AtomicityTopic(StorageContract backend) {
    super(backend);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "100, 7",
    "4096, 4096",
    "65537, 65536",
    "300000, 1000",
    "5242957, 1048576",
    "5242957, 5242957"
  })
  void givesBackExactlyWhatWasSaved(int size, int pieceSize) {
    byte[] bytes = bytes(size, size);
    StoredObject saved =
        await(
            storage().save("some/name", buffers.pieces(bytes, pieceSize), SaveOptions.replace()),
            StoredObject.class);
    assertThat(read("some/name")).isEqualTo(bytes);
    assertThat(saved.size()).isEqualTo(size);
  }

  @Test
  void keepsAnObjectWithoutBytes() {
    save("empty", new byte[0]);
    assertThat(stat("empty").size()).isZero();
    assertThat(read("empty")).isEmpty();
  }

  @Test
  void tellsOfASaveWhatStatTells() {
    StoredObject saved = save("sim/step-1", bytes(1, 1234));
    assertThat(saved).isEqualTo(stat("sim/step-1"));
    assertThat(saved.name()).isEqualTo("sim/step-1");
    assertThat(saved.version()).isNotEmpty();
  }

  @Test
  void takesWindowsOfAnyMemory() {
    byte[] bytes = bytes(2, 40);
    ByteBuffer array = ByteBuffer.wrap(bytes.clone());
    ByteBuffer direct = ByteBuffer.allocateDirect(100).position(30);
    direct.put(bytes, 10, 10).flip().position(30);
    Flux<OwnedBuffer> content =
        Flux.just(
                array.slice(0, 10),
                direct,
                ByteBuffer.allocate(0),
                ByteBuffer.wrap(bytes.clone(), 20, 10),
                ByteBuffer.wrap(bytes.clone(), 30, 10).asReadOnlyBuffer())
            .map(buffers::track);
    await(storage().save("windows", content, SaveOptions.replace()));
    assertThat(read("windows")).isEqualTo(bytes);
  }

  @Test
  void takesManySmallBuffersFromAnotherThread() {
    byte[] bytes = bytes(3, 200_000);
    Flux<OwnedBuffer> content =
        buffers.pieces(bytes, 11).publishOn(Schedulers.parallel()).map(buffer -> buffer);
    await(storage().save("small", content, SaveOptions.replace()));
    assertThat(read("small")).isEqualTo(bytes);
  }

  @Test
  void takesBuffersThatComeSlowly() {
    byte[] bytes = bytes(4, 10 * PIECE);
    Flux<OwnedBuffer> content =
        buffers.pieces(bytes, PIECE).delayElements(Duration.ofMillis(1), Schedulers.parallel());
    await(storage().save("slow", content, SaveOptions.replace()));
    assertThat(read("slow")).isEqualTo(bytes);
  }

  @Test
  void replacesWholeObjectsByShorterOnes() {
    save("a", bytes(5, 100_000));
    save("a", bytes(6, 10));
    assertThat(read("a")).isEqualTo(bytes(6, 10));
  }

  @Test
  void passesOnAFailureOfTheSourceAndLeavesNothing() {
    Throwable cause = new IllegalStateException("the source broke");
    Flux<OwnedBuffer> broken =
        Flux.concat(buffers.pieces(bytes(7, SEVERAL_BUFFERS), PIECE), Flux.error(cause));
    Throwable failure = failureOf(storage().save("deep/new", broken, SaveOptions.replace()));
    assertThat(failure).isSameAs(cause);
    assertAbsent("deep/new");
    assertThat(names("")).isEmpty();
    assertNoLeftovers();
  }

  @Test
  void keepsWhatWasThereWhenTheSourceFails() {
    StoredObject before = save("a", bytes(8, 1000));
    Flux<OwnedBuffer> broken =
        Flux.concat(
            buffers.pieces(bytes(9, 100_000), PIECE), Flux.error(new IllegalStateException("no")));
    assertThat(failureOf(storage().save("a", broken, SaveOptions.replace())))
        .hasMessageContaining("no");
    assertThat(stat("a")).isEqualTo(before);
    assertThat(read("a")).isEqualTo(bytes(8, 1000));
  }

  @Test
  void passesOnAFailureBeforeTheFirstByte() {
    Throwable cause = new IllegalStateException("at once");
    assertThat(failureOf(storage().save("a", Flux.error(cause), SaveOptions.replace())))
        .isSameAs(cause);
    assertAbsent("a");
  }

  @Test
  void passesOnWhatTheSourceThrowsWhenSubscribedTo() {
    RuntimeException cause = new IllegalStateException("thrown");
    Flux<OwnedBuffer> throwing =
        Flux.defer(
            () -> {
              throw cause;
            });
    assertThat(failureOf(storage().save("a", throwing, SaveOptions.replace()))).isSameAs(cause);
    assertAbsent("a");
  }
}
