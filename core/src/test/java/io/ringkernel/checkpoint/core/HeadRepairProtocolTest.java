package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ProtocolWorld.Actor;
import io.ringkernel.checkpoint.core.ProtocolWorld.Engine;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Repairs of a head that is harmed at any time, against savers, collectors and who else changes
 * what lies under names, in every order of their steps with so many interruptions: see {@link
 * ProtocolTest}.
 */
@Timeout(300)
class HeadRepairProtocolTest {
  private static final String HEAD = StoreNames.head(ProtocolWorld.KERNEL);

  /** What may happen to a head. */
  enum Harm {
    /** Other bytes are written in its place. */
    OVERWRITTEN,
    /** Its bytes change, and for the storage it is the same version. */
    ROTTEN,
    /** Its last line is gone, and what it tells of commits can be read. */
    CUT_OFF,
    /** It is deleted. */
    DELETED,
    /** One from before the first commit is put in its place. */
    PUT_BACK;

    void happenIn(SteppedStore store) {
      int length = store.bytes(HEAD).length;
      switch (this) {
        case OVERWRITTEN -> store.put(HEAD, new byte[9]);
        case ROTTEN -> store.rot(HEAD, new byte[length]);
        case CUT_OFF -> store.rot(HEAD, Arrays.copyOf(store.bytes(HEAD), length - 15));
        case DELETED -> store.remove(HEAD);
        case PUT_BACK -> store.put(HEAD, Head.initial(ProtocolWorld.KERNEL).encode());
      }
    }
  }

  private static final Actor SAVER = Actor.keeping("b", engine -> engine.save("b", "a"));
  private static final Actor REPLACER = Actor.of("replacer", engine -> engine.save("a", "a"));
  private static final Actor TAKER =
      Actor.of("saver of another kernel", engine -> engine.save("j", "a", null));
  private static final Actor FLATTENER = Actor.of("flattener", engine -> engine.flatten("a"));
  private static final Actor DELETER = Actor.of("deleter", engine -> engine.deleter.delete("a"));
  private static final Actor REMOVER = Actor.deleting("b");
  private static final Actor REMOVED = Actor.of("saver", engine -> engine.save("b", "a"));
  private static final Actor TAGGER = Actor.of("tagger", engine -> engine.tagger.tag("a", "t"));
  private static final Actor COLLECTOR = Actor.of("collector", Engine::collect);
  private static final Actor REPAIRER = Actor.of("repairer", Engine::repair);
  private static final Actor SECOND = Actor.of("second repairer", Engine::repair);

  private static Explorer.Result explore(
      Harm harm, int interruptions, int crashes, int lapses, Actor... actors) {
    return new Explorer(
            () -> new ProtocolWorld(List.of(actors), crashes, lapses, harm::happenIn),
            interruptions + Integer.getInteger("rkcp.protocol.interruptions", 0))
        .run();
  }

  private static void assertNothingIsLost(
      Harm harm, int interruptions, int crashes, int lapses, Actor... actors) {
    Explorer.Result result = explore(harm, interruptions, crashes, lapses, actors);
    assertThat(result.failure()).isNull();
    assertThat(result.ends()).isGreaterThan(actors.length);
  }

  @ParameterizedTest
  @EnumSource
  void aRepairLosesNothingThatIsSavedMeanwhile(Harm harm) {
    assertNothingIsLost(harm, 2, 0, 0, SAVER, REPAIRER);
  }

  @ParameterizedTest
  @EnumSource
  void aWriterThatSleptOverARepairAndACollectionRefersToNothingThatIsGone(Harm harm) {
    assertNothingIsLost(harm, 1, 0, 1, REPLACER, REPAIRER, COLLECTOR);
  }

  @ParameterizedTest
  @EnumSource
  void aRepairThatIsBrokenOffLosesNothing(Harm harm) {
    assertNothingIsLost(harm, 1, 2, 0, REPLACER, REPAIRER, SECOND);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasRemovedStaysSoWhenItsHeadIsRepaired(Harm harm) {
    assertNothingIsLost(harm, 2, 0, 0, REMOVED, REMOVER, REPAIRER);
  }

  @ParameterizedTest
  @EnumSource
  void aRepairLeavesWhatOthersChange(Harm harm) {
    assertNothingIsLost(harm, 1, 1, 0, TAGGER, REPAIRER, DELETER);
    assertNothingIsLost(harm, 1, 0, 0, FLATTENER, REPAIRER, COLLECTOR);
  }

  @ParameterizedTest
  @EnumSource
  void aRepairLeavesTheCommitsOfOtherKernels(Harm harm) {
    assertNothingIsLost(harm, 1, 1, 0, TAKER, REPAIRER, REPLACER);
  }

  @Test
  void withoutFencingWhatALostCommitMayReplaceLoses() {
    Explorer.Result result =
        explore(
            Harm.OVERWRITTEN,
            2,
            0,
            1,
            REPLACER,
            REPAIRER.believing(Lies::fencesNoEntry),
            COLLECTOR);
    assertThat(result.failure()).contains("is gone");
  }
}
