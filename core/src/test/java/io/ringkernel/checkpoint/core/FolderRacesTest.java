package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;

/** Who gives a name and who makes a folder of it, at once, where listings hide what lies below. */
@Timeout(120)
class FolderRacesTest {
  /** Below the script: does things between a call that the script decides on and its doing. */
  private final ScriptedStorage below = new ScriptedStorage(new HidingStorage());

  private final ScriptedStorage storage = new ScriptedStorage(below);
  private final List<Checkpointer> open = new ArrayList<>();
  private final List<String> committed = new ArrayList<>();
  private final Checkpointer one = open();
  private final Checkpointer two = open();
  private final Checkpointer three = open();

  private Checkpointer open() {
    Checkpointer opened = Checkpointer.builder(storage).parallelism(1).build();
    open.add(opened);
    return opened;
  }

  @AfterEach
  void close() {
    open.forEach(opened -> opened.close().block(LONG));
    storage.close().block(LONG);
  }

  private static Predicate<Call> placing(String name) {
    return call -> call.operation().equals("save") && call.name().equals(name) && !call.replaces();
  }

  private static Predicate<Call> deleting(String name) {
    return call -> call.operation().equals("delete") && call.name().equals(name);
  }

  /** Saves under a name; a failure is one of those that the order of events may bring. */
  private void save(Checkpointer by, String name, String kernel) {
    try {
      by.save(name, TestStates.of(kernel, 1)).block(LONG);
      committed.add(name);
    } catch (CheckpointException e) {
      assertThat(e).isInstanceOfAny(InvalidNameException.class, StorageException.class);
    }
  }

  private void save(Checkpointer by, String name) {
    save(by, name, "kernel of " + name);
  }

  /** What was committed is listed and whole, also after a collection. */
  private void nothingIsLost() {
    storage.heal();
    StoreFixture.collect(one);
    assertThat(StoreFixture.names(one)).containsExactlyInAnyOrderElementsOf(committed);
    for (String name : committed) {
      assertThat(one.verify(name, VerifyDepth.FULL).block(LONG).isWhole()).as(name).isTrue();
    }
  }

  @Test
  void aSaverThatDiesInTheWayOfAFolderEndsNoCollection() {
    storage.failWhen(deleting("a"), Fault.HANG);
    storage.before(placing("a"), () -> save(two, "a/b"));
    Disposable dying = one.save("a", TestStates.of("kernel of a", 1)).subscribe();
    Patience.until("it hangs", storage::isHanging);
    dying.dispose();

    assertThat(committed).containsExactly("a/b");
    nothingIsLost();
  }

  @Test
  void aSaverThatDiesWithTheNoteOfAFolderThatIsNoneEndsNoCollection() {
    storage.before(
        placing(StoreNames.folder("a")),
        () -> {
          save(two, "a");
          storage.failWhen(
              call -> call.name().equals("a") || call.operation().equals("delete"), Fault.HANG);
        });
    Disposable dying = one.save("a/b", TestStates.of("kernel of a/b", 1)).subscribe();
    Patience.until("it hangs", storage::isHanging);
    dying.dispose();

    assertThat(committed).containsExactly("a");
    nothingIsLost();
    two.delete("a").block(LONG);
    committed.clear();
    save(three, "a");
    assertThat(committed).containsExactly("a");
  }

  @Test
  void aPlaceholderThatIsToBeTakenBackIsNotTakenOver() {
    storage.before(
        placing("a"),
        () -> {
          save(two, "a/b");
          storage.before(deleting("a"), () -> save(three, "a", "another"));
        });
    save(one, "a");

    assertThat(storage.isStillToInterrupt()).isFalse();
    assertThat(committed).containsExactly("a/b");
    nothingIsLost();
  }

  @Test
  void aPlaceholderWhoseAnswerIsLostIsLookedAfter() {
    below.before(
        placing("a"),
        () -> {
          storage.heal();
          save(two, "a/b");
        });
    storage.failWhen(placing("a"), Fault.LOSE_ANSWER);
    save(one, "a");

    assertThat(committed).containsExactly("a/b");
    nothingIsLost();
  }

  @Test
  void aFolderThatOthersHaveSeenStaysOne() {
    boolean[] seen = {false};
    storage.failWhen(
        call ->
            (seen[0] && call.name().equals("a"))
                || deleting(StoreNames.folder("a")).test(call)
                || mark(seen, placing(StoreNames.folder("a")).test(call)),
        Fault.DO_LATE);
    save(one, "a/b");
    storage.heal();

    storage.before(
        placing("a/c"),
        () -> {
          storage.doLate();
          save(three, "a");
        });
    save(two, "a/c");

    assertThat(storage.isStillToInterrupt()).isFalse();
    nothingIsLost();
  }

  /** Takes note that a call came; it does not fail. */
  private static boolean mark(boolean[] seen, boolean came) {
    seen[0] |= came;
    return false;
  }
}
