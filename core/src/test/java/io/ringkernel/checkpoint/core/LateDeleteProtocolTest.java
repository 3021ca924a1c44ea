package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.ProtocolWorld.KERNEL;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ProtocolWorld.Actor;
import io.ringkernel.checkpoint.core.ProtocolWorld.Engine;
import io.ringkernel.checkpoint.core.SteppedStore.Quirk;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who removes what is under a name and who saves there, in every order of their steps with so many
 * interruptions, where a delete of one version deletes whatever is there by then: no checkpoint
 * that was told as saved is removed with another. {@code -Drkcp.protocol.interruptions=N} goes
 * deeper.
 */
@Timeout(300)
class LateDeleteProtocolTest {
  private static final int DEEPER = Integer.getInteger("rkcp.protocol.interruptions", 0);
  private static final Set<Quirk> LATE = Set.of(Quirk.DELETES_LATE);

  /** Removes the checkpoint that is there at the beginning, and no other. */
  private static final Actor PRUNER =
      Actor.of(
          "pruner",
          engine ->
              engine
                  .slots
                  .read("a")
                  .ofType(Slot.Managed.class)
                  .filter(slot -> slot.entry().isOf(KERNEL) && slot.entry().mark().sequence() == 1)
                  .flatMap(slot -> engine.deleter.deleteIf(slot.entry().info("a"))));

  /** Puts a placeholder somewhere and takes it back. */
  private static final Actor WITHDRAWER =
      Actor.of(
          "saver that fails",
          engine ->
              engine
                  .slots
                  .hold("b", Placeholder.of(ProtocolWorld.GARBAGE, KERNEL), null)
                  .onErrorComplete(Failures::isRefusal)
                  .flatMap(held -> engine.slots.release("b", (Slot.Vacant) held)));

  private static final Actor REPLACER = Actor.keeping("a", engine -> engine.save("a", null));
  private static final Actor TAKER = Actor.keeping("a", engine -> engine.save("j", "a", null));
  private static final Actor SAVER = Actor.keeping("b", engine -> engine.save("b", null));
  private static final Actor IMPORTER =
      Actor.keeping("b", engine -> engine.importAs("b", ProtocolWorld.GARBAGE));
  private static final Actor COLLECTOR = Actor.of("collector", Engine::collect);
  private static final Actor SECOND = Actor.of("second collector", Engine::collect);

  private static void nothing(SteppedStore store) {}

  /** A save that died before it committed, so long ago that its pin is gone. */
  private static void aPlaceholder(SteppedStore store) {
    store.put("b", Placeholder.of(ProtocolWorld.GARBAGE, KERNEL).encode());
  }

  /** Somebody died who was about to remove a checkpoint. */
  private static void aNote(SteppedStore store) {
    store.put("b", ClearingNote.of("b#0").encode());
    store.passTime(NameClearer.LONGEST.plusSeconds(1));
  }

  private static String explore(
      Set<Quirk> quirks,
      Consumer<SteppedStore> left,
      int interruptions,
      int crashes,
      Actor... actors) {
    Explorer.Result result =
        new Explorer(
                () -> new ProtocolWorld(List.of(actors), crashes, 0, 0, quirks, left),
                Math.max(interruptions, DEEPER))
            .run();
    assertThat(result.ends()).isPositive();
    return result.failure();
  }

  private static void assertNothingIsLost(
      Consumer<SteppedStore> left, int interruptions, int crashes, Actor... actors) {
    assertThat(explore(LATE, left, interruptions, crashes, actors)).isNull();
  }

  @Test
  void aPruningRemovesNothingThatWasSavedMeanwhile() {
    assertNothingIsLost(LateDeleteProtocolTest::nothing, 2, 0, PRUNER, REPLACER);
  }

  @Test
  void norWhatAnotherKernelSavedThereWhoeverDies() {
    assertNothingIsLost(LateDeleteProtocolTest::nothing, 1, 1, PRUNER, TAKER);
  }

  @Test
  void twoPruningsAndASaver() {
    assertNothingIsLost(LateDeleteProtocolTest::nothing, 1, 0, PRUNER, PRUNER, REPLACER);
  }

  @Test
  void aSaveThatFailsTakesBackNothingThatOthersWentOnWith() {
    assertNothingIsLost(LateDeleteProtocolTest::nothing, 3, 0, WITHDRAWER, SAVER);
  }

  @Test
  void aCollectionRemovesNothingThatTookAPlaceholdersPlace() {
    assertNothingIsLost(LateDeleteProtocolTest::aPlaceholder, 1, 1, COLLECTOR, SAVER);
  }

  @Test
  void ofTwoCollectionsThatGoOnForADeadOneNoneRemovesWhatCameSince() {
    assertNothingIsLost(LateDeleteProtocolTest::aNote, 1, 1, COLLECTOR, SECOND, SAVER);
  }

  @Test
  void withoutTakingOverADeadOnesNoteTheyDo() {
    assertThat(
            explore(
                LATE,
                LateDeleteProtocolTest::aNote,
                1,
                0,
                COLLECTOR.believing(Lies::takesOverNoNote),
                SECOND.believing(Lies::takesOverNoNote),
                SAVER))
        .contains("b is lost");
  }

  @Test
  void withoutANoteAPruningDoes() {
    assertThat(
            explore(
                LATE,
                LateDeleteProtocolTest::nothing,
                1,
                0,
                PRUNER.believing(Lies::takesOverNoNote),
                REPLACER))
        .contains("a is lost");
  }

  @Test
  void anObjectThatIsImportedAnewIsNotRemovedWithTheOneBefore() {
    assertNothingIsLost(LateDeleteProtocolTest::nothing, 1, 1, COLLECTOR, SECOND, IMPORTER);
  }

  @Test
  void whereListingsHideWhatLiesBelow() {
    Actor namer = Actor.keeping("b", engine -> engine.save("b", null));
    Actor below = Actor.keeping("b/c", engine -> engine.save("b/c", null));
    Set<Quirk> both = Set.of(Quirk.DELETES_LATE, Quirk.HIDES);
    assertThat(explore(both, LateDeleteProtocolTest::nothing, 2, 0, namer, below)).isNull();
    assertThat(explore(both, LateDeleteProtocolTest::nothing, 1, 1, namer, below)).isNull();
    assertThat(explore(both, LateDeleteProtocolTest::aNote, 1, 0, below, COLLECTOR)).isNull();
  }
}
