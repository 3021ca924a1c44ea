package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two checkpointers, as of two processes, that meet in one store, and a kernel for each. */
final class MeetingFixture implements AfterEachCallback {
  static final GroupRequest GROUP =
      GroupRequest.of("halves").pollInterval(Duration.ofMillis(5)).timeout(Duration.ofSeconds(20));

  /** How the one here saves it. */
  static final GroupRequest WITH_RIGHT = GROUP.joinedBy("right");

  private final String store = "memory:" + UUID.randomUUID();
  final ScriptedStorage storage = new ScriptedStorage(store);
  final ScriptedStorage theirStorage = new ScriptedStorage(store);
  final Checkpointer here = Checkpointer.builder(storage).parallelism(1).build();
  final Checkpointer there = Checkpointer.builder(theirStorage).parallelism(1).build();
  final StampingKernel left = new StampingKernel("left");
  final StampingKernel right = new StampingKernel("right");

  /** Looks at the store past both scripts. */
  private final ScriptedStorage aside = new ScriptedStorage(store);

  MeetingFixture() {
    StampingKernel.pair(left, right);
  }

  List<QuiescableKernel> lefts() {
    return List.of(left.kernel());
  }

  CompletableFuture<GroupReceipt> join() {
    return there.groups().join(GROUP, right.kernel()).toFuture();
  }

  void assertBothRun() {
    assertThat(left.runs()).isTrue();
    assertThat(right.runs()).isTrue();
  }

  void assertNothingIsLeft() {
    assertThat(StoreFixture.names(here)).isEmpty();
  }

  List<GroupInfo> groups() {
    return here.list("").ofType(GroupInfo.class).collectList().block(LONG);
  }

  CutRecord record() {
    return CutRecord.decode(BareFiles.stored(aside, StoreNames.cut("halves")));
  }

  void put(CutRecord record) {
    BareFiles.put(aside, StoreNames.cut("halves"), record.encode());
  }

  static boolean savesACut(ScriptedStorage.Call call) {
    return call.operation().equals("save") && call.name().startsWith(StoreNames.CUTS);
  }

  static boolean readsACut(ScriptedStorage.Call call) {
    return call.operation().equals("read") && call.name().startsWith(StoreNames.CUTS);
  }

  static boolean savesAnObject(ScriptedStorage.Call call) {
    return call.operation().equals("save") && call.name().startsWith(StoreNames.OBJECTS);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    storage.heal();
    theirStorage.heal();
    left.close();
    right.close();
    here.close().block(LONG);
    there.close().block(LONG);
    for (ScriptedStorage each : List.of(storage, theirStorage)) {
      Patience.until("buffers are closed", () -> each.openBuffers.get() == 0);
      each.close().block(LONG);
    }
    aside.close().block(LONG);
  }
}
