package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** "Only if absent" and "only if this version" hold exactly when the save is committed. */
abstract class ConditionTopic extends StorageTopic {
  private static final byte[] OLD = bytes(1, 500);
  private static final byte[] NEW = bytes(2, 700);

  ConditionTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void savesIfAbsentWhereNothingIs() {
    save("a", NEW, SaveOptions.onlyIfAbsent());
    assertThat(read("a")).isEqualTo(NEW);
  }

  @Test
  void refusesASaveIfAbsentWhereSomethingIs() {
    save("a", OLD);
    assertThat(failureOf(saving("a", NEW, SaveOptions.onlyIfAbsent())))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("'a'");
    assertThat(read("a")).isEqualTo(OLD);
    assertNoLeftovers();
  }

  @Test
  void savesIfTheVersionIsTheOneThere() {
    StoredObject old = save("a", OLD);
    StoredObject saved = save("a", NEW, SaveOptions.onlyIfVersion(old.version()));
    assertThat(read("a")).isEqualTo(NEW);
    assertThat(saved.version()).isNotEqualTo(old.version());
  }

  @Test
  void refusesASaveOfAVersionThatIsNoLongerThere() {
    StoredObject old = save("a", OLD);
    StoredObject current = save("a", OLD);
    assertThat(failureOf(saving("a", NEW, SaveOptions.onlyIfVersion(old.version()))))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("'a'");
    assertThat(stat("a")).isEqualTo(current);
    assertNoLeftovers();
  }

  @Test
  void refusesASaveOfAVersionWhereNothingIs() {
    StoredObject old = save("a", OLD);
    await(storage().delete("a"));
    assertThat(failureOf(saving("a", NEW, SaveOptions.onlyIfVersion(old.version()))))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertAbsent("a");
  }

  @Test
  void neverGivesAVersionTwice() {
    Set<String> versions = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      assertThat(versions.add(save("a", OLD).version())).as("save %d", i).isTrue();
      if (i % 3 == 0) {
        await(storage().delete("a"));
      }
    }
  }

  @Test
  void refusesASaveIfAbsentWhenAnotherWasCommittedMeanwhile() {
    assertThat(failureOf(savingAround(SaveOptions.onlyIfAbsent(), () -> save("a", OLD))))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(read("a")).isEqualTo(OLD);
    assertNoLeftovers();
  }

  @Test
  void refusesASaveOfAVersionWhenAnotherWasCommittedMeanwhile() {
    StoredObject first = save("a", OLD);
    SaveOptions ifFirst = SaveOptions.onlyIfVersion(first.version());
    assertThat(failureOf(savingAround(ifFirst, () -> save("a", OLD, ifFirst))))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertThat(read("a")).isEqualTo(OLD);
  }

  @Test
  void refusesASaveOfAVersionThatIsDeletedMeanwhile() {
    StoredObject first = save("a", OLD);
    SaveOptions ifFirst = SaveOptions.onlyIfVersion(first.version());
    assertThat(failureOf(savingAround(ifFirst, () -> await(storage().delete("a")))))
        .isInstanceOf(ChangedMeanwhileException.class);
    assertAbsent("a");
  }

  @Test
  void savesIfAbsentWhenWhatWasThereIsDeletedMeanwhile() {
    await(savingAround(SaveOptions.onlyIfAbsent(), () -> save("other", OLD)));
    assertThat(read("a")).isEqualTo(NEW);
  }

  @Test
  void isInvisibleUntilItIsComplete() {
    StoredObject old = save("a", OLD);
    await(
        savingAround(
            SaveOptions.replace(),
            () -> {
              assertThat(stat("a")).isEqualTo(old);
              assertThat(read("a")).isEqualTo(OLD);
              assertThat(storage().list("").collectList().block(Patience.LIMIT))
                  .containsExactly(old);
            }));
    assertThat(read("a")).isEqualTo(NEW);
  }

  /** A save of {@link #NEW} as "a" during which, all bytes taken, something else happens. */
  private Mono<StoredObject> savingAround(SaveOptions options, Runnable meanwhile) {
    Sinks.Empty<OwnedBuffer> end = Sinks.empty();
    Flux<OwnedBuffer> content = Flux.concat(buffers.pieces(NEW, 100), end.asMono());
    CompletableFuture<StoredObject> save = storage().save("a", content, options).toFuture();
    Patience.until(
        "all bytes are taken", () -> (buffers.made() >= 7 && buffers.open() == 0) || save.isDone());
    meanwhile.run();
    end.tryEmitEmpty();
    return Mono.fromFuture(save);
  }
}
