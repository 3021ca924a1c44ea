package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/**
 * Groups, copies, imports and tiers whose names one store can have and the other can't, as it hides
 * what lies below another name.
 */
@Timeout(120)
class HiddenNamesTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  @RegisterExtension
  final CopyFixture stores = new CopyFixture(CODEC, "hiding:" + UUID.randomUUID());

  private final Checkpointer from = stores.from;
  private final Checkpointer to = stores.to;
  private final FieldPair room = new FieldPair();
  private final TierFixture tiers =
      new TierFixture(CODEC, "memory:" + UUID.randomUUID(), "hiding:" + UUID.randomUUID());

  @AfterEach
  void close() {
    tiers.close();
  }

  private static void saved(Checkpointer in, String name) {
    in.save(name, TestStates.of("kernel of " + name, 1)).block(LONG);
  }

  private void assertNothingIsSent(Mono<?> work, String name) {
    stores.target.heal();

    assertThatThrownBy(() -> work.block(LONG))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("'" + name + "'")
        .hasMessageContaining("hide");

    assertThat(stores.target.count("save", StoreNames.OBJECTS)).isZero();
  }

  private void assertWhole(Checkpointer in, String... names) {
    StoreFixture.collect(in);
    assertThat(StoreFixture.names(in)).containsExactly(names);
    for (String name : names) {
      assertThat(in.verify(name, VerifyDepth.FULL).block(LONG).isWhole()).as(name).isTrue();
    }
  }

  @Test
  void aGroupThatHidesItsMembersStopsNoKernel() {
    HeldKernel kernel = new HeldKernel("wave");
    List<QuiescableKernel> kernels = List.of(kernel.kernel(), room.left.kernel());

    assertNothingIsSent(to.groups().save(GroupRequest.of("g").named("wave"), kernels), "wave");

    assertThat(kernel.stops).hasValue(0);
    from.groups().save(GroupRequest.of("g").named("wave"), kernels).block(LONG);
  }

  @Test
  void aGroupIsSavedCollectedAndRestoredThere() {
    for (int i = 0; i < 2; i++) {
      room.save(to);
    }
    GroupReceipt last = room.save(to);
    List<ByteBuffer> states = room.states();
    to.delete(room.save(to).name()).block(LONG);

    StoreFixture.collect(to);

    room.assertRestores(to, last.name(), states);
  }

  @Test
  void aGroupThatHidesItsMembersIsNotCopied() {
    room.left.advance();
    from.groups().save(GroupRequest.of("room").named("left"), room.kernels).block(LONG);

    assertNothingIsSent(from.groups().copy("left", to, CopyRequest.defaults()), "left");
  }

  @Test
  void aGroupWhoseMembersHaveNoPlaceIsNotCopied() {
    saved(to, "right");
    GroupReceipt group = room.save(from);

    assertNothingIsSent(from.groups().copy(group.name(), to, CopyRequest.defaults()), "right");
    assertWhole(to, "right");
  }

  @Test
  void aCheckpointThatHasNoPlaceIsNotCopied() {
    saved(from, "a");
    saved(from, "a/b");
    from.copy("a", to, CopyRequest.defaults()).block(LONG);

    assertNothingIsSent(from.copy("a/b", to, CopyRequest.defaults()), "a/b");

    from.copy("a/b", to, CopyRequest.defaults().named("b")).block(LONG);
    assertWhole(to, "a", "b");
  }

  @Test
  void aFileThatHasNoPlaceIsNotImported() {
    saved(to, "a/b");
    ByteBuffer file = ByteBuffer.wrap(BareFiles.encoded(TestStates.of("another", 1), 1));

    assertNothingIsSent(
        to.importFile(ChunkContent.of(file), SaveRequest.defaults().named("a")), "a");
  }

  @Test
  void theFarTierTakesWhatItCanAndTheRestIsTold() {
    Checkpointer both = tiers.open();
    saved(both, "a");
    // Kernels have no order among each other: the one that comes first takes the place.
    TierFixture.settle(both);
    saved(both, "a/b");
    saved(both, "c");
    // One that is replaced before its turn comes is gone, and not told of.
    TierFixture.settle(both);
    both.save("a/b", TestStates.of("kernel of c", 2)).block(LONG);
    both.save("d", TestStates.of("kernel of c", 3)).block(LONG);

    TierFixture.settle(both);

    assertThat(tiers.outcomes(Outcome.FAILED, 2))
        .allSatisfy(
            failed ->
                assertThat(failed.failure())
                    .isInstanceOf(InvalidNameException.class)
                    .hasMessageContaining("'a/b'"));
    assertWhole(tiers.alone(tiers.far), "a", "c", "d");
    assertThat(StoreFixture.names(tiers.alone(tiers.near))).containsExactly("a", "a/b", "c", "d");
  }
}
