package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class FileStorageTest {
  @TempDir Path place;

  @Test
  void writesPlainFilesInPlainDirectories() throws Exception {
    try (StoreUnderTest store = new StoreUnderTest(place.resolve("root"))) {
      store.save("sim/step-000100", "state", SaveOptions.onlyIfAbsent());
    }
    assertThat(place.resolve("root/sim/step-000100.rkcp")).hasContent("state");
    try (Stream<Path> all = Files.walk(place.resolve("root"))) {
      assertThat(all.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("step-000100.rkcp", StoreLock.FILE_NAME);
    }
  }

  @Test
  void touchesNothingWhileItOnlyReads() {
    Path root = place.resolve("missing");
    try (StoreUnderTest store = new StoreUnderTest(root)) {
      assertThat(store.names("")).isEmpty();
      assertThat(store.delete("a")).isFalse();
      assertThat(store.storage().exists("a").block(Patience.LIMIT)).isFalse();
    }
    assertThat(root).doesNotExist();
  }

  @Test
  void removesDirectoriesWithTheirLastObject() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      store.save("a/b/c", "1", SaveOptions.replace());
      store.save("a/d", "2", SaveOptions.replace());
      store.delete("a/b/c");
      assertThat(place.resolve("a/b")).doesNotExist();
      assertThat(place.resolve("a/d.rkcp")).exists();
      store.delete("a/d");
      assertThat(place.resolve("a")).doesNotExist();
      assertThat(place).exists();
    }
  }

  @Test
  void storesNothingThatIsGivenUpAtTheLastMoment() throws IOException {
    BufferPool staging = new BufferPool(1 << 20, 1 << 20);
    try (FileSave save =
        new FileSave(
            new StoreTree(place),
            new StoreLock(place),
            "a",
            SaveOptions.replace(),
            staging,
            () -> true,
            Runnable::run)) {
      save.begin();
      save.write(List.of(OwnedBuffer.unpooled(ByteBuffer.wrap(new byte[10]))));
      assertThat(save.commit()).isEmpty();
    }
    assertThat(place.resolve("a.rkcp")).doesNotExist();
    assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
    assertThat(staging.open()).isZero();
  }

  @Test
  void leavesNoDirectoryOfASaveThatFails() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      Throwable broken = new IllegalStateException("the source broke");
      Mono<?> saving = store.storage().save("a/b/c", Flux.error(broken), SaveOptions.replace());
      assertThat(catchThrowable(() -> saving.block(Patience.LIMIT))).isSameAs(broken);
    }
    assertThat(place.resolve("a")).doesNotExist();
  }

  @Test
  void refusesANameThatDiffersByCaseFromOneThatWasSavedMeanwhile() {
    AtomicBoolean begun = new AtomicBoolean();
    Sinks.Empty<OwnedBuffer> end = Sinks.empty();
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      CompletableFuture<StoredObject> saving =
          store
              .storage()
              .save(
                  "wave",
                  end.asMono().doOnSubscribe(subscription -> begun.set(true)),
                  SaveOptions.replace())
              .toFuture();
      Patience.until("it has begun", begun::get);
      store.save("Wave", "another's", SaveOptions.replace());
      end.tryEmitEmpty().orThrow();
      assertThat(catchThrowable(saving::join)).hasCauseInstanceOf(AlreadyExistsException.class);
      assertThat(store.names("")).containsExactly("Wave");
    }
  }

  @Test
  void losesNoSaveToADeletionThatEmptiesItsDirectory() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      Flux.range(0, 200)
          .flatMap(
              i ->
                  store
                      .storage()
                      .save("d/e/" + i, StoreUnderTest.buffers("x"), SaveOptions.replace())
                      .then(store.storage().delete("d/e/" + i)),
              8)
          .doOnNext(deleted -> assertThat(deleted).isTrue())
          .blockLast(Patience.LIMIT);
      assertThat(store.names("")).isEmpty();
      assertThat(place.resolve("d")).doesNotExist();
    }
  }

  @Test
  void endsItsThreadsWithTheClose() {
    Thread[] ioThread = new Thread[1];
    StoreUnderTest store = new StoreUnderTest(place);
    store.save("a", "b", SaveOptions.replace());
    store
        .storage()
        .stat("a")
        .doOnNext(found -> ioThread[0] = Thread.currentThread())
        .block(Patience.LIMIT);
    assertThat(ioThread[0].getName()).startsWith("rkcp-file-");
    assertThat(ioThread[0].isDaemon()).isTrue();
    store.close();
    Patience.until("its thread is gone", () -> !ioThread[0].isAlive());
  }

  @Test
  void canBeClosedFromOneOfItsOwnCallbacks() {
    FileStorage storage = new FileStorage(place);
    AtomicBoolean closed = new AtomicBoolean();
    storage
        .exists("a")
        .doOnNext(
            exists -> {
              storage.close().block(Patience.LIMIT);
              closed.set(true);
            })
        .block(Patience.LIMIT);
    assertThat(closed).isTrue();
    storage.close().block(Patience.LIMIT);
  }

  @Test
  void survivesAnInterruptInACallback() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      store.save("a", "b", SaveOptions.replace());
      for (int i = 0; i < 20; i++) {
        store
            .storage()
            .stat("a")
            .doOnNext(found -> Thread.currentThread().interrupt())
            .block(Patience.LIMIT);
        assertThat(store.text("a")).isEqualTo("b");
      }
    }
  }

  @Test
  void keepsItsPromisesWhenManySavesAndReadsRunAtOnce() {
    byte[] bytes = DeterministicBytes.array(1, 700_000);
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      Flux.range(0, 60)
          .flatMap(i -> saveAndRead(store, "n" + i % 7, bytes), 12)
          .blockLast(Patience.LIMIT);
      assertThat(store.names("")).hasSize(7);
    }
  }

  private static Mono<String> saveAndRead(StoreUnderTest store, String name, byte[] bytes) {
    return store
        .storage()
        .save(
            name,
            Flux.range(0, 70)
                .map(i -> OwnedBuffer.unpooled(ByteBuffer.wrap(bytes, i * 10_000, 10_000))),
            SaveOptions.replace())
        .then(store.storage().read(name, io.ringkernel.checkpoint.storage.Range.all(), null))
        .flatMap(StoreUnderTest::textOf)
        .retry(1000)
        .doOnNext(
            text ->
                assertThat(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1))
                    .isEqualTo(bytes));
  }

  @Test
  void isFoundInAnyLocale() throws Exception {
    Path root = Files.createDirectories(place.resolve("store"));
    ProcessBuilder builder = new ProcessBuilder();
    builder.environment().put("LC_ALL", "C");
    try (ChildJvm child =
        ChildJvm.start(builder, java.util.List.of(), AsciiSpeaker.class, root.toString())) {
      assertThat(child.line()).isEqualTo("true");
      child.assertSucceeds();
    }
    try (StoreUnderTest store = new StoreUnderTest(root)) {
      assertThat(store.names("")).containsExactly("\u00fcn\u00efc\u00f6d\u00e9/\u65e5\u672c");
      assertThat(store.text("\u00fcn\u00efc\u00f6d\u00e9/\u65e5\u672c")).isEqualTo("ok");
    }
  }

  /** Saves and lists a name that its locale has no letters for. */
  static final class AsciiSpeaker {
    public static void main(String[] arguments) {
      try (StoreUnderTest store = new StoreUnderTest(Path.of(arguments[0]))) {
        String name = "\u00fcn\u00efc\u00f6d\u00e9/\u65e5\u672c";
        store.save(name, "ok", SaveOptions.onlyIfAbsent());
        System.out.println(store.names("").contains(name) && store.text(name).equals("ok"));
      }
    }
  }
}
