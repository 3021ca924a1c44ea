package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;

/** A group's copy that goes wrong in any of its calls to the store that it goes to. */
class GroupCopyFaultTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);
  private static final FieldPair ROOM = new FieldPair();
  private static Checkpointer from;
  private static String group;
  private static List<ByteBuffer> states;

  @BeforeAll
  static void saveAGroupOfDeltas() {
    from = CODEC.on(new ScriptedStorage("memory:" + UUID.randomUUID()));
    ROOM.save(from);
    group = ROOM.save(from).name();
    states = ROOM.states();
  }

  @AfterAll
  static void close() {
    from.close().block(LONG);
  }

  @TestFactory
  Stream<DynamicTest> isThereWholeOrNotAtAllWhereverACallFails() {
    return atEachCall(
        Fault.FAIL, Fault.LOSE_ANSWER, (n, fault) -> new Trial().fail(n, fault, n % 2 == 0));
  }

  @TestFactory
  Stream<DynamicTest> isThereWholeOrNotAtAllWhereverTheProcessEnds() {
    return atEachCall(
        Fault.HANG, Fault.DO_AND_HANG, (n, fault) -> new Trial().end(n, fault, n % 2 == 0));
  }

  private interface Check {
    void at(int call, Fault fault) throws InterruptedException;
  }

  private static Stream<DynamicTest> atEachCall(Fault one, Fault other, Check check) {
    return IntStream.range(0, new Trial().cleanCalls())
        .boxed()
        .flatMap(
            n ->
                Stream.of(one, other)
                    .map(
                        fault ->
                            DynamicTest.dynamicTest(fault + " at " + n, () -> check.at(n, fault))));
  }

  /** One copy into an empty store. */
  private static final class Trial {
    private final String store = "memory:" + UUID.randomUUID();
    private final ScriptedStorage storage = new ScriptedStorage(store);
    private final Checkpointer to = CODEC.on(storage);

    int cleanCalls() {
      from.groups().copy(group, to, CopyRequest.defaults()).block(LONG);
      return storage.calls.size();
    }

    void fail(int n, Fault fault, boolean isTransient) {
      storage.failAt(n, 1, fault, isTransient);
      GroupCopyReceipt receipt = null;
      CheckpointException failure = null;
      try {
        receipt = from.groups().copy(group, to, CopyRequest.defaults()).block(LONG);
      } catch (CheckpointException e) {
        failure = e;
      }
      storage.heal();
      assertThat(receipt == null).isNotEqualTo(failure == null);
      check(receipt != null);
    }

    /** Killed, nothing of this process reaches the storage any more, its clean-up neither. */
    void end(int n, Fault fault, boolean killed) throws InterruptedException {
      storage.failAt(n, 1, fault, true);
      Disposable copy = from.groups().copy(group, to, CopyRequest.defaults()).subscribe();
      assertThat(storage.awaitHanging()).isTrue();
      if (killed) {
        storage.failAt(0, Integer.MAX_VALUE, Fault.HANG, true);
        copy.dispose();
      } else {
        copy.dispose();
        Patience.until("buffers are closed", () -> storage.openBuffers.get() == 0);
        storage.heal();
      }
      check(false);
    }

    /** What another process finds, and that it finishes the copy. */
    private void check(boolean mustBeThere) {
      Checkpointer other = CODEC.on(new ScriptedStorage(store));
      List<ListedCheckpoint> listed = other.list("").collectList().block(LONG);
      assertThat(listed).noneMatch(UnreadableCheckpoint.class::isInstance);
      boolean isThere = listed.stream().anyMatch(GroupInfo.class::isInstance);
      assertThat(isThere || !mustBeThere).isTrue();
      if (isThere) {
        assertWhole(other);
      }
      from.groups().copy(group, other, CopyRequest.defaults()).block(LONG);
      assertWhole(other);
      assertThat(other.list("").count().block(LONG)).isEqualTo(3);
      other.close().block(LONG);
      to.close().block(LONG);
    }

    private static void assertWhole(Checkpointer store) {
      ROOM.assertRestores(store, group, states);
    }
  }
}
