package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;

/** A group's save that goes wrong in any of its calls to the storage. */
class GroupFaultTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  @TestFactory
  Stream<DynamicTest> isThereWholeOrNotAtAllWhereverACallFails() {
    return IntStream.range(0, new Trial("capture=shadow").cleanCalls())
        .boxed()
        .flatMap(
            n ->
                Stream.of(Fault.FAIL, Fault.LOSE_ANSWER)
                    .flatMap(fault -> Stream.of(true, false).flatMap(t -> failures(n, fault, t))));
  }

  private static Stream<DynamicTest> failures(int n, Fault fault, boolean isTransient) {
    return Stream.of(1, 1000)
        .map(
            count ->
                DynamicTest.dynamicTest(
                    fault + " at " + n + " x" + count + " transient " + isTransient,
                    () -> new Trial(way(n)).fail(n, count, fault, isTransient)));
  }

  @TestFactory
  Stream<DynamicTest> isThereWholeOrNotAtAllWhereverTheProcessEnds() {
    return IntStream.range(0, new Trial("capture=shadow").cleanCalls())
        .boxed()
        .flatMap(
            n ->
                Stream.of(Fault.HANG, Fault.DO_AND_HANG)
                    .flatMap(
                        fault ->
                            Stream.of(
                                DynamicTest.dynamicTest(
                                    fault + " for ever from " + n,
                                    () -> new Trial(way(n)).end(n, fault)),
                                DynamicTest.dynamicTest(
                                    "cancelled in " + fault + " at " + n,
                                    () -> new Trial(way(n)).cancel(n, fault)))));
  }

  private static String way(int n) {
    return n % 2 == 0 ? "capture=shadow" : "capture=straight";
  }

  /** One save, on a store with one group that went well. */
  private static final class Trial {
    private final String store = "memory:" + UUID.randomUUID();
    private final ScriptedStorage storage = new ScriptedStorage(store);
    private final Checkpointer checkpointer = CODEC.on(storage);
    private final HeldKernel left;
    private final HeldKernel right;
    private final List<QuiescableKernel> kernels;
    private final String first;

    Trial(String way) {
      left = new HeldKernel("left", way);
      right = new HeldKernel("right", way);
      kernels = List.of(left.kernel(), right.kernel());
      set(1);
      first = checkpointer.groups().save("g", kernels).block(LONG).name();
      set(2);
      storage.heal();
    }

    private void set(long value) {
      left.set(value);
      right.set(value);
    }

    int cleanCalls() {
      checkpointer.groups().save("g", kernels).block(LONG);
      return storage.calls.size();
    }

    void fail(int n, int count, Fault fault, boolean isTransient) {
      storage.failAt(n, count, fault, isTransient);
      GroupReceipt receipt = null;
      CheckpointException failure = null;
      try {
        receipt = checkpointer.groups().save("g", kernels).block(LONG);
      } catch (CheckpointException e) {
        failure = e;
      }
      storage.heal();
      assertThat(receipt == null).isNotEqualTo(failure == null);
      check(receipt);
    }

    /** From the call on nothing of this process reaches the storage, its clean-up neither. */
    void end(int n, Fault fault) throws InterruptedException {
      storage.failAt(n, 1, fault, true);
      Disposable save = checkpointer.groups().save("g", kernels).subscribe();
      assertThat(storage.awaitHanging()).isTrue();
      storage.failAt(0, Integer.MAX_VALUE, Fault.HANG, true);
      save.dispose();
      check(null);
    }

    void cancel(int n, Fault fault) throws InterruptedException {
      storage.failAt(n, 1, fault, true);
      Disposable save = checkpointer.groups().save("g", kernels).subscribe();
      assertThat(storage.awaitHanging()).isTrue();
      save.dispose();
      Patience.until("buffers are closed", () -> storage.openBuffers.get() == 0);
      storage.heal();
      check(null);
    }

    /** What another process finds. */
    private void check(GroupReceipt receipt) {
      Patience.until("both run on", () -> left.runs() && right.runs());
      Checkpointer other = CODEC.on(new ScriptedStorage(store));
      List<ListedCheckpoint> listed = other.list("").collectList().block(LONG);
      assertThat(listed).noneMatch(UnreadableCheckpoint.class::isInstance);
      assertThat(listed).extracting(ListedCheckpoint::name).contains(first);
      List<GroupInfo> groups = other.list("").ofType(GroupInfo.class).collectList().block(LONG);
      assertThat(groups).hasSizeBetween(1, 2);
      if (receipt != null) {
        assertThat(groups).extracting(GroupInfo::name).contains(receipt.name());
      }
      groups.forEach(group -> checkWhole(other, group));
      for (ListedCheckpoint one : listed) {
        assertThat(finding(other, one.name())).isEmpty();
      }
      checkLatestAndNext(other);
      assertThat(storage.openBuffers).hasValue(0);
    }

    /** A member of a group that failed may be removed meanwhile. */
    private static Optional<CheckpointException> finding(Checkpointer other, String name) {
      try {
        return Optional.ofNullable(other.verify(name, VerifyDepth.FULL).block(LONG).finding());
      } catch (CheckpointNotFoundException e) {
        return Optional.empty();
      }
    }

    private void checkWhole(Checkpointer other, GroupInfo group) {
      set(99);
      other.groups().restore(group.name(), kernels).block(LONG);
      assertThat(left.value())
          .isEqualTo(right.value())
          .isEqualTo(group.name().equals(first) ? 1 : 2);
    }

    private void checkLatestAndNext(Checkpointer other) {
      for (HeldKernel kernel : List.of(left, right)) {
        other.restoreLatest(kernel.kernel()).block(LONG);
        assertThat(kernel.value()).isIn(1L, 2L);
      }
      set(3);
      GroupReceipt next = other.groups().save("g", kernels).block(LONG);
      set(4);
      other.groups().restore(next.name(), kernels).block(LONG);
      assertThat(left.value()).isEqualTo(right.value()).isEqualTo(3);
    }
  }
}
