package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** What the restore of a group does with each kernel, and in which order. */
@Timeout(120)
class GroupRestoreTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final Groups groups = store.checkpointer.groups();
  private final CutKernel left = new CutKernel("left");
  private final CutKernel right = new CutKernel("right");
  private final Sinks.Empty<Void> gate = Sinks.empty();
  private GroupReceipt saved;

  @BeforeEach
  void save() {
    saved = groups.save("g", List.of(left, right)).block(LONG);
    left.resumed.clear();
    right.resumed.clear();
  }

  private Mono<GroupRestoreReceipt> restore() {
    return groups.restore(saved.name(), List.of(left, right));
  }

  private static <T> Mono<T> broken() {
    return Mono.error(new IllegalStateException("broken"));
  }

  private AbstractThrowableAssert<?, ?> assertFails(CutKernel culprit) {
    return assertFails(restore(), culprit);
  }

  private static AbstractThrowableAssert<?, ?> assertFails(
      Mono<GroupRestoreReceipt> restore, CutKernel culprit) {
    return assertThatThrownBy(() -> restore.block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains(culprit.kernelId()));
  }

  @Test
  void letsNoKernelRunOnBeforeAllAreRestored() throws Exception {
    right.restoring = gate.asMono();
    CompletableFuture<GroupRestoreReceipt> restore = restore().toFuture();
    Patience.until("the other is restored", () -> left.restored);
    assertThat(left.resumed).isEmpty();

    gate.tryEmitEmpty();

    assertThat(restore.get(60, TimeUnit.SECONDS).stalls())
        .hasSize(2)
        .allSatisfy(stall -> assertThat(stall).isPositive());
    assertThat(left.resumed).containsExactly(saved.cut());
    assertThat(right.resumed).containsExactly(saved.cut());
  }

  @Test
  void restoresTheOthersToTheirEndAfterTheFailureOfOne() throws Exception {
    left.restoring = broken();
    right.restoring = gate.asMono().doOnSubscribe(s -> gate.tryEmitEmpty());

    assertFails(left)
        .hasMessageContaining("restored: right; all others are not: restore the group again");
    assertThat(right.restored).isTrue();
  }

  @Test
  void allOthersRunOnWhenOneThrowsWhereItIsToRunOn() {
    left.throwing = new IllegalStateException("stuck");

    assertFails(left).hasMessageContaining("stuck; all are restored");
    assertThat(right.resumed).containsExactly(saved.cut());
  }

  @Test
  void tellsWhatTheKernelsHoldAlsoWhereTheFailureHasNoWords() {
    left.restoring = Mono.error(new Wordless());

    assertFails(left)
        .hasMessageContaining(Wordless.class.getName())
        .hasMessageContaining("restored: right");
  }

  /** It can be printed, and has no message. */
  private static final class Wordless extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }

    @Override
    public String getLocalizedMessage() {
      return "wordless";
    }
  }

  /** As when it is damaged between the look at it and the restore. */
  static Stream<CheckpointException> findingsTooLate() {
    return Stream.of(
        new CorruptCheckpointException(7, "a flipped bit"),
        new LimitExceededException("its length", 2, 1));
  }

  @ParameterizedTest
  @MethodSource("findingsTooLate")
  void goesBackToNoOlderCutOnceAKernelWasTouched(CheckpointException late) {
    groups.save("g", List.of(left, right)).block(LONG);
    left.restoring = Mono.error(late);

    assertFails(groups.restoreLatest("g", List.of(left, right)), left)
        .hasMessageContaining("restored: right; all others are not: restore the group again")
        .hasMessageNotContaining("no kernel was touched");
    assertThat(right.resumed).hasSize(2);
  }

  @Test
  void whatIsUnreadableUnderOtherNamesIsOfNoAccount() {
    String later = "rkcp-group 2\n";
    CRC32 crc = new CRC32();
    crc.update(later.getBytes(StandardCharsets.US_ASCII));
    store.storage.put("other/1", later + "crc32 %08x\n".formatted(crc.getValue()));

    assertThat(groups.restoreLatest("g", List.of(left, right)).block(LONG).skipped()).isEmpty();
  }

  @Test
  void looksAtEveryByteBeforeItStopsAKernel() {
    ObjectId damaged = saved.members().get(1).checkpoint().objectId();
    byte[] bytes = BareFiles.stored(store.storage, StoreNames.object(damaged));
    bytes[bytes.length / 3] ^= 1;
    BareFiles.put(store.storage, StoreNames.object(damaged), bytes);

    assertFails(right)
        .hasCauseInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("no kernel was touched");
    assertThat(left.resumed).as("nobody stood still").isEmpty();
  }

  @Test
  void aWriterThatWasOvertakenMaySaveAgain() {
    Checkpointer other = Checkpointer.builder(store.storage).parallelism(1).build();
    other.save(right).block(LONG);
    assertThatThrownBy(() -> groups.save("g", List.of(left, right)).block(LONG))
        .hasCauseInstanceOf(StaleWriterException.class);

    restore().block(LONG);

    assertThat(groups.save("g", List.of(left, right)).block(LONG).members()).hasSize(2);
    other.close().block(LONG);
  }

  @Test
  void aKernelThatStoodIsLetGoOnceWhenAnotherCanNotBeStopped() {
    right.quiescing = broken();

    assertFails(right).hasMessageContaining("no kernel was touched");
    assertThat(left.resumed).containsExactly(HlcTimestamp.ZERO);
    assertThat(right.resumed).isEmpty();
  }

  @Test
  void tellsOfAKernelThatDoesNotRunOnAfterTheFailureOfAnother() {
    right.quiescing = broken();
    left.resuming = Mono.error(new IllegalStateException("it hangs"));

    assertFails(right)
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .anySatisfy(also -> assertThat(also).hasMessageContaining("it hangs")));
  }

  @Test
  void aKernelThatGivesNothingWhenItStopsIsFoundBeforeAnotherIsTouched() {
    right.stands = false;

    assertFails(right).hasMessageContaining("no kernel was touched");
    assertThat(left.restored).isFalse();
    assertThat(left.resumed).hasSize(1);
  }

  @Test
  void whatIsRestoredIsToldTheCutAlsoWhenAnotherDoesNotRunOn() {
    left.resuming = broken();

    assertFails(left).hasMessageContaining("all are restored");
    assertThat(right.resumed).first().isEqualTo(saved.cut());
  }

  @Test
  void cancelledWhileItIsRestoredAKernelRunsOn() {
    left.restoring = Mono.never();
    Disposable restore = restore().subscribe();
    Patience.until("the other is restored", () -> right.restored);

    restore.dispose();

    Patience.until("they run on", () -> left.resumed.size() == 1 && right.resumed.size() == 1);
  }
}
