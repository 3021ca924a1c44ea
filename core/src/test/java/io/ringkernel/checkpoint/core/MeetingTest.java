package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.fault.ForwardingStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * When another process is held dead. This one is as one that was stopped: it looks once, and then
 * not before its time is over.
 */
class MeetingTest {
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final ObjectId ID = ObjectId.random();
  private static final CutRecord OPENED = CutRecord.opened("g", ID, PATIENCE, List.of("right"));
  private static final CutRecord RESUMED = OPENED.at(Cut.Phase.RESUME, new HlcTimestamp(1, 2, 3));

  private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
  private final Looks looks = new Looks();
  private final Meeting meeting =
      new Meeting(new SmallObjects(looks), time, "g", ID, NEVER, PATIENCE);

  /** Answers each look at once; after the last one it hangs. */
  private static final class Looks extends ForwardingStorage {
    private final Queue<CutRecord> found = new ArrayDeque<>();

    Looks() {
      super(CheckpointStorages.open("memory:"));
    }

    void find(CutRecord... records) {
      found.addAll(List.of(records));
    }

    @Override
    public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
      return Mono.defer(() -> Mono.justOrEmpty(found.poll()).switchIfEmpty(Mono.never()))
          .map(record -> read(name, ByteBuffer.wrap(record.encode())));
    }

    private static ObjectRead read(String name, ByteBuffer bytes) {
      return new ObjectRead(
          new StoredObject(name, bytes.remaining(), "1", Instant.EPOCH, Map.of()),
          Flux.just(OwnedBuffer.unpooled(bytes)));
    }
  }

  private static CutRecord right(CutRecord.State state) {
    return OPENED.with("right", line -> line.at(state));
  }

  private CompletableFuture<CutRecord.Member> untilQuiesced() {
    return meeting.awaitMember("right", CutRecord.State.QUIESCED, PATIENCE).toFuture();
  }

  private CompletableFuture<CutRecord> untilResumed() {
    return meeting.await(record -> record.phase() == Cut.Phase.RESUME, PATIENCE).toFuture();
  }

  @Test
  void aMemberThatHasReportedIsNotDeadBecauseItWasNotSeenInTime() {
    looks.find(OPENED, right(CutRecord.State.QUIESCED));
    CompletableFuture<CutRecord.Member> end = untilQuiesced();

    time.advanceTimeBy(PATIENCE);

    assertThat(end)
        .isCompletedWithValueMatching(member -> member.state() == CutRecord.State.QUIESCED);
  }

  @Test
  void aMemberThatHasGotOnHasItsTimeAnew() {
    looks.find(OPENED, right(CutRecord.State.READY), right(CutRecord.State.READY));
    CompletableFuture<CutRecord.Member> end = untilQuiesced();

    time.advanceTimeBy(PATIENCE);
    assertThat(end).isNotDone();
    looks.find(right(CutRecord.State.QUIESCED));
    time.advanceTimeBy(PATIENCE);

    assertThat(end)
        .isCompletedWithValueMatching(member -> member.state() == CutRecord.State.QUIESCED);
  }

  @Test
  void aMemberWhoseLineHasNotChangedIsDead() {
    looks.find(OPENED, OPENED.alive());
    CompletableFuture<CutRecord.Member> end = untilQuiesced();

    time.advanceTimeBy(PATIENCE);

    assertThatThrownBy(end::get)
        .cause()
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it for 10 s on the way to 'quiesced'");
  }

  @Test
  void aLastLookThatIsNotAnsweredIsNoSign() {
    looks.find(OPENED);
    CompletableFuture<CutRecord.Member> end = untilQuiesced();

    time.advanceTimeBy(PATIENCE);
    assertThat(end).isNotDone();
    time.advanceTimeBy(PATIENCE);

    assertThatThrownBy(end::get).hasMessageContaining("no sign of it for 10 s");
  }

  @Test
  void aCoordinatorThatWentOnIsNotDeadBecauseItWasNotSeenInTime() {
    looks.find(OPENED, RESUMED);
    CompletableFuture<CutRecord> end = untilResumed();

    time.advanceTimeBy(PATIENCE);

    assertThat(end).isCompletedWithValue(RESUMED);
  }

  @Test
  void aCoordinatorThatHasChangedNothingIsDead() {
    looks.find(OPENED, OPENED);
    CompletableFuture<CutRecord> end = untilResumed();

    time.advanceTimeBy(PATIENCE);

    assertThatThrownBy(end::get)
        .cause()
        .isInstanceOfSatisfying(GroupException.class, e -> assertThat(e.culprit()).isEmpty())
        .hasMessageContaining("no sign of the coordinator for 10 s");
  }
}
