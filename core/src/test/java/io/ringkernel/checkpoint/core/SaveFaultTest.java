package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Every storage call of a save is made to fail, lose its answer, or be cancelled in turn. */
class SaveFaultTest {
  private static final String KERNEL = "fdtd";
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  /** A way to save the state at a step. */
  private enum Way {
    REPLACING {
      @Override
      Mono<SaveReceipt> save(Checkpointer checkpointer, long step) {
        return checkpointer.save("a", TestStates.of(KERNEL, step));
      }
    },
    ABSENT {
      @Override
      Mono<SaveReceipt> save(Checkpointer checkpointer, long step) {
        SaveRequest request = SaveRequest.defaults().named("b").onlyIfAbsent();
        return checkpointer.save(TestStates.of(KERNEL, step), request);
      }
    },
    FROM_KERNEL {
      @Override
      Mono<SaveReceipt> save(Checkpointer checkpointer, long step) {
        return checkpointer.save(new StillKernel(KERNEL, step));
      }
    },
    /** By a process that has to read its base's index first. */
    DELTA {
      @Override
      Mono<SaveReceipt> save(Checkpointer checkpointer, long step) {
        SaveRequest request = SaveRequest.defaults().named("a").base(BaseChoice.latest());
        return checkpointer.save(state(step), request);
      }

      @Override
      Checkpoint state(long step) {
        Checkpoint old = TestStates.of(KERNEL, 1);
        Checkpoint next = TestStates.of(KERNEL, step);
        List<DataChunk> chunks =
            List.of(next.chunks().get(0), old.chunks().get(1), next.chunks().get(2));
        return Checkpoint.of(next.metadata(), chunks, () -> {});
      }

      @Override
      Checkpointer by(Checkpointer first, ScriptedStorage storage) {
        return CODEC.on(storage);
      }
    };

    abstract Mono<SaveReceipt> save(Checkpointer checkpointer, long step);

    Checkpoint state(long step) {
      return TestStates.of(KERNEL, step);
    }

    Checkpointer by(Checkpointer first, ScriptedStorage storage) {
      return first;
    }
  }

  @TestFactory
  Stream<DynamicTest> keepsTheOldOrTheNewWhereverACallFails() {
    return atEachCall(
        List.of(Fault.FAIL, Fault.LOSE_ANSWER),
        (way, n, fault) ->
            Stream.of(true, false).flatMap(isTransient -> failures(way, n, fault, isTransient)));
  }

  private static Stream<DynamicTest> failures(Way way, int n, Fault fault, boolean isTransient) {
    return Stream.of(1, 1000)
        .map(
            count ->
                DynamicTest.dynamicTest(
                    way + " " + fault + " at " + n + " x" + count + " transient " + isTransient,
                    () -> new Trial(way).fail(n, count, fault, isTransient)));
  }

  @TestFactory
  Stream<DynamicTest> keepsTheOldOrTheNewWhereverItIsCancelled() {
    return atEachCall(
        List.of(Fault.HANG, Fault.DO_AND_HANG),
        (way, n, fault) ->
            Stream.of(
                DynamicTest.dynamicTest(
                    way + " cancelled in " + fault + " at " + n,
                    () -> new Trial(way).cancel(n, fault))));
  }

  private interface Cases {
    Stream<DynamicTest> at(Way way, int call, Fault fault);
  }

  private static Stream<DynamicTest> atEachCall(List<Fault> faults, Cases cases) {
    return Stream.of(Way.values())
        .flatMap(
            way ->
                IntStream.range(0, new Trial(way).cleanCalls())
                    .boxed()
                    .flatMap(n -> faults.stream().flatMap(fault -> cases.at(way, n, fault))));
  }

  /** One save that goes wrong, on a store with one checkpoint that went well. */
  private static final class Trial {
    private final Way way;
    private final ScriptedStorage storage = new ScriptedStorage("memory:" + UUID.randomUUID());
    private final Checkpointer checkpointer;
    private final Map<String, ByteBuffer> oldState;
    private final Map<String, ByteBuffer> newState;

    Trial(Way way) {
      this.way = way;
      this.oldState = TestStates.bytes(TestStates.of(KERNEL, 1));
      this.newState = TestStates.bytes(way.state(2));
      Checkpointer first = CODEC.on(storage);
      first.save("a", TestStates.of(KERNEL, 1)).block(LONG);
      this.checkpointer = way.by(first, storage);
      storage.heal();
    }

    int cleanCalls() {
      way.save(checkpointer, 2).block(LONG);
      return storage.calls.size();
    }

    void fail(int n, int count, Fault fault, boolean isTransient) {
      storage.failAt(n, count, fault, isTransient);
      SaveReceipt receipt = null;
      CheckpointException failure = null;
      try {
        receipt = way.save(checkpointer, 2).block(LONG);
      } catch (CheckpointException e) {
        failure = e;
      }
      List<ScriptedStorage.Call> calls = List.copyOf(storage.calls);
      storage.heal();
      assertThat(receipt == null).isNotEqualTo(failure == null);
      check(receipt, calls);
      if (failure != null) {
        checkWhatIsTold(failure);
      }
    }

    /** An error that does not say that nobody knows is sure that nothing was committed. */
    private void checkWhatIsTold(CheckpointException failure) {
      boolean isThere =
          CODEC
              .on(storage)
              .list("")
              .ofType(CheckpointInfo.class)
              .any(info -> info.sequence() == 2 && info.metadata().step() == 2)
              .block(LONG);
      if (failure instanceof CommitStateUnknownException unknown) {
        assertThat(isThereAs(unknown)).isEqualTo(isThere);
      } else {
        assertThat(isThere).isFalse();
      }
    }

    /** As who catches it is told to ask. */
    private boolean isThereAs(CommitStateUnknownException unknown) {
      return CODEC
          .on(storage)
          .info(unknown.name())
          .map(info -> info.objectId().hex().equals(unknown.id()))
          .onErrorReturn(CheckpointNotFoundException.class, false)
          .block(LONG);
    }

    void cancel(int n, Fault fault) throws InterruptedException {
      storage.failAt(n, 1, fault, true);
      Disposable save = way.save(checkpointer, 2).subscribe();
      assertThat(storage.awaitHanging()).isTrue();
      save.dispose();
      Patience.until("buffers are closed", () -> storage.openBuffers.get() == 0);
      storage.heal();
      check(null, List.of());
    }

    /** What another process finds. */
    private void check(SaveReceipt receipt, List<ScriptedStorage.Call> calls) {
      Checkpointer other = CODEC.on(storage);
      StillKernel restored = new StillKernel(KERNEL, 0);
      RestoreReceipt latest = other.restoreLatest(restored).block(LONG);
      Map<String, ByteBuffer> state = restored.state();
      assertThat(latest.skipped()).isEmpty();
      assertThat(state).isIn(oldState, newState);
      if (receipt != null) {
        if (way == Way.DELTA) {
          assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
        }
        assertThat(state).describedAs("%s", calls).isEqualTo(newState);
        assertThat(TestStates.loaded(other, receipt.name())).isEqualTo(newState);
        assertThat(latest.checkpoint().sequence()).isEqualTo(receipt.sequence()).isEqualTo(2);
      }
      checkAllWhole(other, null);
      checkNextSave(other);
      assertThat(storage.openBuffers).hasValue(0);
    }

    private void checkAllWhole(Checkpointer other, Object nextState) {
      List<ListedCheckpoint> listed = other.list("").collectList().block(LONG);
      assertThat(listed).isNotEmpty().allMatch(CheckpointInfo.class::isInstance);
      for (ListedCheckpoint one : listed) {
        VerifyReport report = other.verify(one.name(), VerifyDepth.FULL).block(LONG);
        assertThat(report.finding()).isNull();
        assertThat(TestStates.loaded(other, one.name())).isIn(oldState, newState, nextState);
      }
    }

    private void checkNextSave(Checkpointer other) {
      Checkpoint next = TestStates.of(KERNEL, 3);
      SaveReceipt receipt = other.save("c", next).block(LONG);
      assertThat(TestStates.loaded(other, "c")).isEqualTo(TestStates.bytes(next));
      StillKernel restored = new StillKernel(KERNEL, 0);
      assertThat(other.restoreLatest(restored).block(LONG).checkpoint().sequence())
          .isEqualTo(receipt.sequence());
      checkGarbage(other);
    }

    /** Whatever a failed save left behind, a collection removes, once its pin is gone. */
    private void checkGarbage(Checkpointer other) {
      storage
          .list(".rkcp/pins/")
          .concatMap(pin -> storage.delete(pin.name(), null))
          .then()
          .block(LONG);
      other.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
      long objects = storage.list(".rkcp/objects/").count().block(LONG);
      Set<ObjectId> needed = new HashSet<>();
      other
          .list("")
          .cast(CheckpointInfo.class)
          .doOnNext(info -> needed.add(info.objectId()))
          .doOnNext(info -> needed.addAll(info.ancestors()))
          .then()
          .block(LONG);
      assertThat(objects).isEqualTo(needed.size());
      checkAllWhole(other, TestStates.bytes(TestStates.of(KERNEL, 3)));
    }
  }
}
