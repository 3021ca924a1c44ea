package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ProtocolWorld.Actor;
import io.ringkernel.checkpoint.core.ProtocolWorld.Engine;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Savers, collectors and deleters, as they are, in every order of their steps in which an actor is
 * interrupted no more often than said: most mistakes in a protocol show with one or two. Each check
 * that is left out loses data, with the course of events that does it. {@code
 * -Drkcp.protocol.interruptions=N} goes deeper.
 */
@Timeout(300)
class ProtocolTest {
  private static final int DEEPER = Integer.getInteger("rkcp.protocol.interruptions", 0);

  private static final Actor SAVER = Actor.of("saver", engine -> engine.save("b", "a"));
  private static final Actor FULL_SAVER =
      Actor.of("saver of a full one", engine -> engine.save("b", null));
  private static final Actor OTHER = Actor.of("other saver", engine -> engine.save("c", "a"));
  private static final Actor REPLACER = Actor.of("replacer", engine -> engine.save("a", "a"));
  private static final Actor TAKER =
      Actor.of("saver of another kernel", engine -> engine.save("j", "a", null));
  private static final Actor FLATTENER = Actor.of("flattener", engine -> engine.flatten("a"));
  private static final Actor DELETER = Actor.of("deleter", engine -> engine.deleter.delete("a"));
  private static final Actor REMOVER = Actor.deleting("b");
  private static final Actor TAGGER = Actor.of("tagger", engine -> engine.tagger.tag("b", "t"));
  private static final Actor NAME_TAGGER =
      Actor.of("tagger of the name", engine -> engine.tagger.tag("a", "t"));
  private static final Actor COLLECTOR = Actor.of("collector", Engine::collect);
  private static final Actor BLIND = collector(Lies::condemnsEverything);
  private static final Actor SECOND = Actor.of("second collector", Engine::collect);

  private static Explorer.Result explore(
      int interruptions, int crashes, int lapses, Actor... actors) {
    return explore(interruptions, crashes, lapses, 0, actors);
  }

  private static Explorer.Result explore(
      int interruptions, int crashes, int lapses, int setbacks, Actor... actors) {
    return new Explorer(
            () -> new ProtocolWorld(List.of(actors), crashes, lapses, setbacks),
            Math.max(interruptions, DEEPER))
        .run();
  }

  private static void assertNothingIsLost(
      int interruptions, int crashes, int lapses, Actor... actors) {
    Explorer.Result result = explore(interruptions, crashes, lapses, actors);
    assertThat(result.failure()).isNull();
    assertThat(result.ends()).isGreaterThan(actors.length);
  }

  private static void assertLoses(int interruptions, int crashes, int lapses, Actor... actors) {
    Explorer.Result result = explore(interruptions, crashes, lapses, actors);
    assertThat(result.failure()).contains("is gone");
  }

  private static void assertBringsBack(int interruptions, Actor... actors) {
    Explorer.Result result = explore(interruptions, 0, 0, actors);
    assertThat(result.failure()).contains("is back");
  }

  private static Actor saver(Supplier<SteppedStore.Lie> lie) {
    return SAVER.believing(lie);
  }

  private static Actor collector(Supplier<SteppedStore.Lie> lie) {
    return COLLECTOR.believing(lie);
  }

  @Test
  void aSaverLosesNothingWhateverACollectorTakesForGarbageAtFirst() {
    assertNothingIsLost(1, 0, 0, SAVER, BLIND, DELETER);
  }

  @Test
  void aSaverThatIsHeldDeadCommitsNothingThatIsGone() {
    assertNothingIsLost(2, 0, 1, SAVER, COLLECTOR);
  }

  @Test
  void aClockThatIsPutBackLosesNothingAndKeepsNothing() {
    Explorer.Result result = explore(1, 1, 0, 1, SAVER, COLLECTOR, DELETER);
    assertThat(result.failure()).isNull();
  }

  @Test
  void aFlattenerThatIsHeldDeadSwitchesToNothingThatIsGone() {
    assertNothingIsLost(2, 0, 1, FLATTENER, COLLECTOR);
  }

  @Test
  void twoCollectorsLoseNothingWhoeverDies() {
    assertNothingIsLost(1, 1, 0, SAVER, COLLECTOR, SECOND, DELETER);
  }

  @Test
  void twoSaversLoseNothing() {
    assertNothingIsLost(1, 0, 0, SAVER, OTHER, COLLECTOR, DELETER);
  }

  @Test
  void twoSaversTwoCollectorsAndADeleterLoseNothingOneAfterTheOther() {
    assertNothingIsLost(0, 0, 1, SAVER, OTHER, BLIND, SECOND, DELETER);
  }

  @Test
  void aSaverThatDiesWhileItReplacesLosesNothingAndKeepsNothing() {
    assertNothingIsLost(2, 1, 0, REPLACER, COLLECTOR, DELETER);
  }

  @Test
  void aSaverLosesNothingWhenACollectorFinishesWhatReplacesItsBase() {
    assertNothingIsLost(1, 1, 0, TAKER, SAVER, COLLECTOR);
  }

  @Test
  void aSaverThatTakesOverANameIsSeenThroughItWhoeverDies() {
    assertNothingIsLost(1, 2, 0, TAKER, REPLACER, NAME_TAGGER);
  }

  @Test
  void whatWasRemovedStaysSoWhenACollectorFinishesItForItsSaver() {
    assertNothingIsLost(2, 0, 0, SAVER, COLLECTOR, REMOVER);
  }

  @Test
  void whatWasRemovedStaysSoWhoeverWritesItForItsSaver() {
    assertNothingIsLost(2, 0, 0, SAVER, OTHER, REMOVER);
  }

  @Test
  void whatWasRemovedStaysSoWhoeverTagsItMeanwhile() {
    assertNothingIsLost(2, 0, 0, SAVER, TAGGER, REMOVER);
  }

  @Test
  void whatWasRemovedStaysSoWhenItsSaverIsHeldDead() {
    assertNothingIsLost(1, 1, 1, SAVER, COLLECTOR, REMOVER);
  }

  @Test
  void withoutAPlaceholderBringsBackWhatWasRemoved() {
    Supplier<SteppedStore.Lie> lie = Lies::holdsNothing;
    assertBringsBack(2, SAVER.believing(lie), OTHER.believing(lie), REMOVER.believing(lie));
  }

  @Test
  void withoutAPinLoses() {
    assertLoses(2, 0, 0, saver(Lies::noPin), COLLECTOR, DELETER);
  }

  @Test
  void withoutLookingForTombstonesLoses() {
    assertLoses(2, 0, 0, saver(Lies::noTombstones), BLIND, DELETER);
  }

  @Test
  void withoutLookingAgainForTheBaseLoses() {
    assertLoses(2, 0, 0, saver(Lies::baseAlwaysThere), COLLECTOR, DELETER);
  }

  @Test
  void withoutLookingForThePinBeforeTheCommitLoses() {
    assertLoses(2, 0, 1, saver(Lies::pinAlwaysHeld), COLLECTOR);
  }

  @Test
  void withoutATombstoneLoses() {
    assertLoses(2, 0, 0, SAVER, collector(Lies::condemnsNothing), DELETER);
  }

  @Test
  void withoutASecondReadingLoses() {
    assertLoses(2, 0, 0, SAVER, collector(Lies::looksOnce), DELETER);
  }

  @Test
  void withoutChangingTheHeadOfADeadSaverLoses() {
    assertLoses(2, 0, 1, SAVER, collector(Lies::fencesNothing));
  }

  @Test
  void withoutChangingTheEntryOfADeadFlattenerLoses() {
    assertLoses(2, 0, 1, FLATTENER, collector(Lies::fencesNothing));
  }

  @Test
  void removingTheDeadSaversPinFirstLoses() {
    assertLoses(2, 1, 1, FULL_SAVER, collector(Lies::removesPinFirst), SECOND);
  }
}
