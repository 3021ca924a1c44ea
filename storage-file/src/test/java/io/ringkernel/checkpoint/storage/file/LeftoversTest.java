package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What dead processes left is removed; what living ones use is not. */
class LeftoversTest {
  @TempDir Path place;

  @Test
  void removesWhatIsStaleAlsoInDirectoriesAndThoseThatAreEmptyThen() throws Exception {
    Path root = place.resolve("store");
    Path deep = Files.createDirectories(root.resolve("a/b"));
    Path kept = Files.createDirectories(root.resolve("c"));
    Files.writeString(root.resolve("%tmp-dead-1"), "part");
    Files.writeString(deep.resolve("%tmp-dead-2"), "part");
    Files.writeString(kept.resolve("%tmp-dead-3"), "part");
    Files.writeString(kept.resolve("theirs.txt"), "not ours");
    try (StoreUnderTest store = new StoreUnderTest(root)) {
      store.save("x", "y", SaveOptions.replace());
      Patience.until("all is clean", () -> OpenFiles.temporaryBelow(root).isEmpty());
    }
    assertThat(root.resolve("a")).doesNotExist();
    assertThat(kept.resolve("theirs.txt")).exists();
  }

  @Test
  void leavesSavesOfThisProcessAlone() throws Exception {
    Sinks.Empty<OwnedBuffer> end = Sinks.empty();
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      CompletableFuture<StoredObject> save = stalled(store, end).toFuture();
      Patience.until("it has begun", () -> !OpenFiles.temporaryBelow(place).isEmpty());
      openSaveAndClose();
      // Another process must still find it locked, or it would remove it.
      try (ChildJvm child = ChildJvm.start(Saver.class, place.toString())) {
        child.assertSucceeds();
      }
      assertThat(OpenFiles.temporaryBelow(place)).hasSize(1);
      end.tryEmitEmpty();
      save.get();
      assertThat(store.text("slow")).isEqualTo("begun");
    }
    assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
  }

  /** The first save of an opening cleans, and the close waits for that. */
  private void openSaveAndClose() {
    try (StoreUnderTest store = new StoreUnderTest(place)) {
      store.save("x", "y", SaveOptions.replace());
    }
  }

  private static Mono<StoredObject> stalled(StoreUnderTest store, Sinks.Empty<OwnedBuffer> end) {
    return store
        .storage()
        .save(
            "slow",
            Flux.concat(StoreUnderTest.buffers("begun"), end.asMono()),
            SaveOptions.onlyIfAbsent());
  }

  @Test
  void leavesSavesOfOtherProcessesAloneUntilTheyAreDead() throws Exception {
    try (ChildJvm child = ChildJvm.start(StalledSaver.class, place.toString())) {
      assertThat(child.line()).isEqualTo("stalled");
      openSaveAndClose();
      assertThat(OpenFiles.temporaryBelow(place)).hasSize(1);
      child.kill();
      assertThat(OpenFiles.temporaryBelow(place)).hasSize(1);
      openSaveAndClose();
      assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
    }
  }

  /** Saves once and ends, having cleaned. */
  static final class Saver {
    public static void main(String[] arguments) {
      FileStorage storage = new FileStorage(Path.of(arguments[0]));
      storage
          .save("by-another", StoreUnderTest.buffers("x"), SaveOptions.replace())
          .then(storage.close())
          .block(Patience.LIMIT);
    }
  }

  /** Begins a save and never ends it. */
  static final class StalledSaver {
    public static void main(String[] arguments) {
      FileStorage storage = new FileStorage(Path.of(arguments[0]));
      Flux<OwnedBuffer> content =
          Flux.concat(
              StoreUnderTest.buffers("begun"),
              Flux.<OwnedBuffer>never()
                  .doOnSubscribe(subscription -> System.out.println("stalled")));
      storage.save("slow", content, SaveOptions.replace()).block();
    }
  }
}
