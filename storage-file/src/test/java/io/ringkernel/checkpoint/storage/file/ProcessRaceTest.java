package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Conditions hold between processes. */
class ProcessRaceTest {
  private static final int INCREMENTS = 40;
  private static final int PRIZES = 40;

  @TempDir Path place;

  @Test
  void losesNoIncrementAndGivesEachPrizeOnce() throws Exception {
    try (StoreUnderTest store = new StoreUnderTest(place);
        ChildJvm one = ChildJvm.start(Racer.class, place.toString());
        ChildJvm two = ChildJvm.start(Racer.class, place.toString())) {
      store.save("counter", "0", SaveOptions.onlyIfAbsent());
      for (ChildJvm child : List.of(one, two)) {
        assertThat(child.line()).isEqualTo("ready");
      }
      one.say("go");
      two.say("go");
      List<String> wins = new ArrayList<>(one.lines());
      wins.addAll(two.lines());
      one.assertSucceeds();
      two.assertSucceeds();
      assertThat(wins).hasSize(PRIZES).doesNotHaveDuplicates();
      assertThat(store.text("counter")).isEqualTo(String.valueOf(2 * INCREMENTS));
      assertThat(store.names("prize/")).hasSize(PRIZES);
    }
    assertThat(OpenFiles.temporaryBelow(place)).isEmpty();
  }

  /** Counts up by one version after the other, and saves prizes that nobody has saved yet. */
  static final class Racer {
    public static void main(String[] arguments) throws Exception {
      FileStorage storage = new FileStorage(Path.of(arguments[0]));
      System.out.println("ready");
      System.in.read();
      for (int i = 0; i < Math.max(INCREMENTS, PRIZES); i++) {
        if (i < INCREMENTS) {
          increment(storage);
        }
        if (i < PRIZES && win(storage, "prize/" + i)) {
          System.out.println("prize/" + i);
        }
      }
      storage.close().block(Patience.LIMIT);
    }

    private static void increment(FileStorage storage) {
      while (true) {
        ObjectRead read = storage.read("counter", Range.all(), null).block(Patience.LIMIT);
        try {
          long next = Long.parseLong(StoreUnderTest.textOf(read).block(Patience.LIMIT)) + 1;
          SaveOptions sameVersion = SaveOptions.onlyIfVersion(read.object().version());
          storage
              .save("counter", StoreUnderTest.buffers("" + next), sameVersion)
              .block(Patience.LIMIT);
          return;
        } catch (ChangedMeanwhileException e) {
          // The other one was faster: again, with what is there now.
        }
      }
    }

    private static boolean win(FileStorage storage, String name) {
      Mono<StoredObject> saving =
          storage.save(name, StoreUnderTest.buffers("mine"), SaveOptions.onlyIfAbsent());
      return Boolean.TRUE.equals(
          saving
              .map(saved -> true)
              .onErrorReturn(AlreadyExistsException.class, false)
              .block(Patience.LIMIT));
    }
  }
}
