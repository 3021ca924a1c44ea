package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ProtocolWorld.Actor;
import io.ringkernel.checkpoint.core.ProtocolWorld.Engine;
import io.ringkernel.checkpoint.core.SteppedStore.Quirk;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Who gives a name and who makes a folder of it, in every order of their steps with so many
 * interruptions, where listings hide what lies below another name: nothing that was committed stays
 * hidden, and one more collection leaves nothing that nobody needs.
 */
@Timeout(300)
class FolderProtocolTest {
  private static final Actor NAMER = Actor.of("namer", engine -> engine.save("b", null));
  private static final Actor OTHER_NAMER =
      Actor.of("namer of another kernel", engine -> engine.save("j", "b", null));
  private static final Actor BELOW = Actor.of("saver below", engine -> engine.save("b/c", null));
  private static final Actor BESIDE =
      Actor.of("saver beside", engine -> engine.save("i", "b/d", null));
  private static final Actor COLLECTOR = Actor.of("collector", Engine::collect);

  private static void assertNothingIsHidden(int interruptions, int crashes, Actor... actors) {
    Explorer.Result result =
        new Explorer(
                () -> new ProtocolWorld(List.of(actors), crashes, 0, 0, Set.of(Quirk.HIDES)),
                interruptions)
            .run();
    assertThat(result.failure()).isNull();
    assertThat(result.ends()).isGreaterThan(actors.length);
  }

  @Test
  void aNameAndItsFolder() {
    assertNothingIsHidden(3, 0, NAMER, BELOW);
  }

  @Test
  void whoeverDies() {
    assertNothingIsHidden(2, 1, NAMER, BELOW);
  }

  @Test
  void aNameThatTwoWant() {
    assertNothingIsHidden(2, 0, NAMER, OTHER_NAMER, BELOW);
  }

  @Test
  void aFolderThatTwoMake() {
    assertNothingIsHidden(2, 0, BELOW, BESIDE, NAMER);
  }

  @Test
  void aCollectorBesides() {
    assertNothingIsHidden(1, 1, NAMER, BELOW, COLLECTOR);
  }
}
