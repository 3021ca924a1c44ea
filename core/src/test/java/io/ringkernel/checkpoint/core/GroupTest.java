package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.IsGroupException;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

@Timeout(120)
class GroupTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;
  private StampingKernel left = new StampingKernel("left");
  private StampingKernel right = new StampingKernel("right");

  @AfterEach
  void close() {
    left.close();
    right.close();
  }

  private List<QuiescableKernel> pair() {
    StampingKernel.pair(left, right);
    return List.of(left.kernel(), right.kernel());
  }

  /** Two that leave each other's memory alone, as they must while one of them is restored. */
  private List<QuiescableKernel> apart() {
    left.start();
    right.start();
    return List.of(left.kernel(), right.kernel());
  }

  private void assertBothRun() {
    assertThat(left.runs()).isTrue();
    assertThat(right.runs()).isTrue();
  }

  @Test
  void isNoBaseOfOneKernelsSave() {
    checkpointer.groups().save(GroupRequest.of("pair").named("cut"), pair()).block(LONG);

    assertThatThrownBy(
            () ->
                checkpointer
                    .save(
                        left.kernel(),
                        SaveRequest.defaults().named("delta").base(BaseChoice.named("cut")))
                    .block(LONG))
        .isInstanceOf(IsGroupException.class)
        .hasMessageContaining("it is a group of these kernels: left, right");
    assertBothRun();
  }

  private long objects() {
    return storage.list(".rkcp/objects/").count().block(LONG);
  }

  private List<ListedCheckpoint> listed() {
    return checkpointer.list("").collectList().block(LONG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"capture=shadow", "capture=straight"})
  void savesKernelsThatRunOnAsTheyWereAtOneCut(String option) {
    left = new StampingKernel("left", option);
    right = new StampingKernel("right", option);
    List<QuiescableKernel> kernels = pair();
    for (int i = 0; i < 8; i++) {
      GroupReceipt receipt = checkpointer.groups().save("halves", kernels).block(LONG);

      assertThat(receipt.members()).hasSize(2);
      try (Checkpoint one = load(receipt, 0);
          Checkpoint other = load(receipt, 1)) {
        long leftStep = StampingKernel.stepOf(one);
        long rightStep = StampingKernel.stepOf(other);
        assertThat(StampingKernel.inboxOf(one)).isEqualTo(rightStep);
        assertThat(StampingKernel.inboxOf(other)).isEqualTo(leftStep);
        assertThat(one.metadata().hlc()).isEqualTo(receipt.cut());
        assertThat(other.metadata().hlc()).isEqualTo(receipt.cut());
      }
      assertThat(receipt.members())
          .allSatisfy(member -> assertThat(member.stall()).isPositive())
          .allSatisfy(
              member -> assertThat(member.checkpoint().metadata().hlc()).isEqualTo(receipt.cut()));
      assertThat(receipt.stall()).isLessThanOrEqualTo(receipt.duration());
      assertThat(left.clock.now())
          .as("the kernel's clock knows the cut")
          .isGreaterThan(receipt.cut());
    }
    assertBothRun();
  }

  /** That one kernel alone is not a mixture either. */
  @ParameterizedTest
  @ValueSource(strings = {"capture=shadow", "capture=straight"})
  void savesAKernelThatRunsOnAsItWasAtTheCut(String option) {
    left.close();
    left = new StampingKernel("left", option).start();
    for (int i = 0; i < 8; i++) {
      SaveReceipt receipt = checkpointer.save(left.kernel()).block(LONG);
      try (Checkpoint checkpoint = checkpointer.load(receipt.name()).block(LONG)) {
        assertThat(StampingKernel.stepOf(checkpoint)).isEqualTo(receipt.step());
      }
      assertThat(receipt.stall()).isPositive();
    }
    assertThat(left.runs()).isTrue();
  }

  private Checkpoint load(GroupReceipt receipt, int member) {
    return checkpointer.load(receipt.members().get(member).checkpoint().name()).block(LONG);
  }

  @Test
  void restoresAllMembersTogether() {
    List<QuiescableKernel> kernels = pair();
    GroupReceipt saved = checkpointer.groups().save("halves", kernels).block(LONG);
    assertBothRun();

    List<QuiescableKernel> otherOrder = List.of(kernels.get(1), kernels.get(0));
    // Held at the end of the restore, so that what was restored can be looked at.
    left.resumeWay.set(resume -> Mono.empty());
    right.resumeWay.set(resume -> Mono.empty());
    GroupRestoreReceipt receipt =
        checkpointer.groups().restore(saved.name(), otherOrder).block(LONG);

    assertThat(receipt.group().name()).isEqualTo(saved.name());
    assertThat(receipt.restored()).isEqualTo(2L * (StampingKernel.WORDS * 8 + 64));
    assertThat(receipt.stalls()).hasSize(2).allSatisfy(s -> assertThat(s).isPositive());
    try (Checkpoint now = kernels.get(0).createCheckpoint().block(LONG);
        Checkpoint then = load(saved, 0)) {
      assertThat(TestStates.bytes(now)).isEqualTo(TestStates.bytes(then));
    }
    left.resumeWay.set(resume -> resume);
    right.resumeWay.set(resume -> resume);
    kernels.forEach(kernel -> kernel.createCheckpoint().block(LONG).close());
    assertBothRun();
  }

  @Test
  void restoresOneMemberWhenAsked() {
    List<QuiescableKernel> kernels = apart();
    GroupReceipt saved = checkpointer.groups().save("halves", kernels).block(LONG);
    int rightStops = right.stops.get();

    RestoreReceipt receipt =
        checkpointer
            .groups()
            .restoreMember(kernels.get(0), saved.name(), RestoreOptions.defaults())
            .block(LONG);

    assertThat(receipt.checkpoint()).isEqualTo(saved.members().get(0).checkpoint());
    assertThat(right.stops).hasValue(rightStops);
    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .restoreMember(
                        new StillKernel("other", 1), saved.name(), RestoreOptions.defaults())
                    .block(LONG))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("'other'");
  }

  @Test
  void isWhatItWasAlsoWhenItsMembersOwnEntriesWereReplacedOrRestoredFromAlone() {
    List<QuiescableKernel> kernels = apart();
    GroupReceipt saved = checkpointer.groups().save("halves", kernels).block(LONG);
    String member = saved.members().get(0).checkpoint().name();
    StillKernel alone = new StillKernel("left", 1);
    // Of another type, so the newest of this kernel is refused, not taken.
    assertThatThrownBy(() -> checkpointer.restoreLatest(alone).block(LONG))
        .isInstanceOf(KernelException.class);
    assertThat(checkpointer.restoreLatest(kernels.get(0)).block(LONG).checkpoint().name())
        .isEqualTo(member);
    checkpointer.groups().save("halves", kernels).block(LONG);

    assertThat(checkpointer.groups().restore(saved.name(), kernels).block(LONG).group().cut())
        .isEqualTo(saved.cut());
  }

  @Test
  void refusesWhatIsNoGroup() {
    List<QuiescableKernel> kernels = pair();
    assertThatThrownBy(() -> checkpointer.groups().save("g", List.of()).block(LONG))
        .isInstanceOf(GroupException.class);
    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save("g", List.of(kernels.get(0), kernels.get(0)))
                    .block(LONG))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("'left'")
        .hasMessageContaining("twice");
    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GroupRequest.of("g").named(".rkcp/x"), kernels)
                    .block(LONG))
        .isInstanceOf(InvalidNameException.class);
    assertThat(left.stops).hasValue(0);
  }

  @Test
  void namesTheKernelThatDoesNotStopAndLetsAllRunOn() {
    List<QuiescableKernel> kernels = pair();
    right.quiesceWay.set(stop -> Mono.never());

    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GroupRequest.of("g").timeout(SHORT), kernels)
                    .block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class,
            e -> {
              assertThat(e.culprit()).contains("right");
              assertThat(e).hasMessageContaining("within 300 ms").hasMessageContaining("stop");
              assertThat(e.getSuppressed()).noneMatch(KernelException.class::isInstance);
            })
        .hasCauseInstanceOf(KernelException.class);

    assertNothingWasSaved();
    right.quiesceWay.set(stop -> stop);
    checkpointer.groups().save("g", kernels).block(LONG);
  }

  private void assertNothingWasSaved() {
    assertBothRun();
    assertThat(listed()).isEmpty();
    Patience.until("its objects are gone", () -> objects() == 0);
  }

  @Test
  void namesTheKernelThatFailsToStop() {
    List<QuiescableKernel> kernels = pair();
    left.quiesceWay.set(stop -> Mono.error(new IllegalStateException("a broken stream")));

    assertThatThrownBy(() -> checkpointer.groups().save("g", kernels).block(LONG))
        .isInstanceOfSatisfying(GroupException.class, e -> assertThat(e.culprit()).contains("left"))
        .hasMessageContaining("a broken stream");
    assertNothingWasSaved();
  }

  @Test
  void namesTheKernelThatDoesNotRunOnAndLetsTheOthers() {
    List<QuiescableKernel> kernels = pair();
    left.resumeWay.set(resume -> Mono.error(new IllegalStateException("it hangs")));

    assertThatThrownBy(() -> checkpointer.groups().save("g", kernels).block(LONG))
        .isInstanceOfSatisfying(GroupException.class, e -> assertThat(e.culprit()).contains("left"))
        .hasMessageContaining("it hangs")
        .satisfies(
            e ->
                assertThat(e.getSuppressed())
                    .as("told once")
                    .noneMatch(GroupException.class::isInstance));
    assertThat(right.runs()).isTrue();
    assertThat(listed()).isEmpty();
  }

  @Test
  void tellsOfAKernelThatDoesNotRunOnAfterTheFailureOfAnother() {
    List<QuiescableKernel> kernels = pair();
    right.quiesceWay.set(stop -> Mono.never());
    left.resumeWay.set(resume -> Mono.error(new IllegalStateException("it hangs")));

    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GroupRequest.of("g").timeout(SHORT), kernels)
                    .block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class,
            e -> {
              assertThat(e.culprit()).contains("right");
              assertThat(e.getSuppressed())
                  .anySatisfy(also -> assertThat(also).hasMessageContaining("it hangs"));
            });
  }

  @Test
  void namesTheKernelWhoseWriterIsStaleBeforeAnyIsStopped() {
    List<QuiescableKernel> kernels = pair();
    checkpointer.groups().save("g", kernels).block(LONG);
    Checkpointer other = Checkpointer.builder(storage).parallelism(1).build();
    other.save(right.kernel()).block(LONG);
    int stops = left.stops.get();

    assertThatThrownBy(() -> checkpointer.groups().save("g", kernels).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasCauseInstanceOf(StaleWriterException.class);

    assertThat(left.stops).hasValue(stops);
    other.close().block(LONG);
  }

  @Test
  void cancelledWhileAKernelStopsItLetsAllRunOn() {
    List<QuiescableKernel> kernels = pair();
    right.quiesceWay.set(stop -> Mono.never());
    Disposable save = checkpointer.groups().save("g", kernels).subscribe();
    Patience.until("they are asked to stop", () -> left.stops.get() > 0);

    save.dispose();

    assertNothingWasSaved();
  }

  @Test
  void cancelledAtAnyMomentItLeavesNoKernelStanding() throws InterruptedException {
    List<QuiescableKernel> kernels = pair();
    for (int i = 0; i < 40; i++) {
      Disposable save = checkpointer.groups().save("g", kernels).subscribe();
      Thread.sleep(0, 200_000 * (i % 5));
      for (int spin = 0; spin < i * 500; spin++) {
        Thread.onSpinWait();
      }
      save.dispose();
      assertBothRun();
    }
    checkpointer.groups().save("g", kernels).block(LONG);
  }

  @Test
  void twoAtOnceThatShareKernelsBothSucceed() {
    List<QuiescableKernel> kernels = pair();
    List<QuiescableKernel> otherOrder = List.of(kernels.get(1), kernels.get(0));

    List<GroupReceipt> receipts =
        Flux.range(0, 8)
            .flatMap(i -> checkpointer.groups().save("g" + i, i % 2 == 0 ? kernels : otherOrder))
            .collectList()
            .block(LONG);

    assertThat(receipts).hasSize(8).extracting(GroupReceipt::cut).doesNotHaveDuplicates();
    assertBothRun();
  }

  @Test
  void isListedToldVerifiedAndDeletedUnderItsName() {
    List<QuiescableKernel> kernels = pair();
    GroupReceipt receipt =
        checkpointer.groups().save(GroupRequest.of("g").named("all/first"), kernels).block(LONG);

    assertThat(receipt.name()).isEqualTo("all/first");
    assertThat(listed()).hasSize(3);
    GroupInfo info = checkpointer.list("all/").ofType(GroupInfo.class).single().block(LONG);
    assertThat(info).isEqualTo(checkpointer.groups().info("all/first").block(LONG));
    assertThat(info.group()).isEqualTo("g");
    assertThat(info.cut()).isEqualTo(receipt.cut());
    assertThat(info.members())
        .containsExactlyElementsOf(
            receipt.members().stream().map(GroupReceipt.Member::checkpoint).toList());
    assertThat(checkpointer.verify("all/first", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    for (Mono<?> single :
        List.of(
            checkpointer.info("all/first"),
            checkpointer.load("all/first"),
            checkpointer.restore(left.kernel(), "all/first"))) {
      assertThatThrownBy(() -> single.block(LONG))
          .as("one who begins anew when nothing is there must not replace it")
          .isNotInstanceOf(CheckpointNotFoundException.class)
          .isInstanceOfSatisfying(
              IsGroupException.class,
              e -> {
                assertThat(e.name()).isEqualTo("all/first");
                assertThat(e.kernelIds()).containsExactly("left", "right");
              })
          .hasMessageContaining("group of these kernels: left, right");
    }
    assertThatThrownBy(() -> checkpointer.groups().info(info.members().get(0).name()).block(LONG))
        .isInstanceOf(GroupException.class)
        .hasMessageContaining("no group");

    assertThat(checkpointer.delete("all/first").block(LONG)).isTrue();
    assertThat(listed()).as("the members stay").hasSize(2);
    assertThatThrownBy(() -> checkpointer.groups().info("all/first").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
  }

  @Test
  void isFoundDamagedWithTheMemberWhoseBytesAre() {
    List<QuiescableKernel> kernels = pair();
    GroupReceipt receipt = checkpointer.groups().save("g", kernels).block(LONG);
    CheckpointInfo member = receipt.members().get(1).checkpoint();
    storage.put(StoreNames.object(member.objectId()), "x".repeat((int) member.fileSize()));
    int stops = left.stops.get();

    VerifyReport report = checkpointer.verify(receipt.name(), VerifyDepth.FULL).block(LONG);
    assertThat(report.finding()).isInstanceOf(GroupException.class).hasMessageContaining("'right'");
    assertThatThrownBy(() -> checkpointer.groups().restore(receipt.name(), kernels).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no kernel was touched");
    assertThat(left.stops).as("verified before any is stopped").hasValue(stops);
    assertBothRun();
  }

  @Test
  void replacesWhatIsUnderItsNameUnlessTold() {
    List<QuiescableKernel> kernels = pair();
    checkpointer.save("x", TestStates.of("third", 1)).block(LONG);
    GroupRequest request = GroupRequest.of("g").named("x");
    assertThatThrownBy(
            () -> checkpointer.groups().save(request.onlyIfAbsent(), kernels).block(LONG))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(left.stops).hasValue(0);

    checkpointer.groups().save(request, kernels).block(LONG);
    GroupReceipt second = checkpointer.groups().save(request, kernels).block(LONG);
    assertThat(checkpointer.groups().info("x").block(LONG).cut()).isEqualTo(second.cut());
    assertThatThrownBy(() -> checkpointer.restoreLatest(new StillKernel("third", 1)).block(LONG))
        .as("what was replaced does not come back")
        .isInstanceOf(CheckpointNotFoundException.class);

    checkpointer.save("x", TestStates.of("third", 2)).block(LONG);
    assertThat(checkpointer.info("x").block(LONG).metadata().step()).isEqualTo(2);
  }

  @Test
  void refusesToRestoreTooFewTooManyOrOthers() {
    List<QuiescableKernel> kernels = pair();
    String name = checkpointer.groups().save("g", kernels).block(LONG).name();
    int stops = left.stops.get();

    assertRefused(name, kernels.subList(0, 1), "right");
    assertRefused(
        name, Stream.concat(kernels.stream(), kernels.stream()).limit(3).toList(), "left");
    assertRefused(name, List.of(new FieldKernel("left").kernel(), kernels.get(1)), "left");
    assertThat(left.stops).hasValue(stops);
  }

  private void assertRefused(String name, List<QuiescableKernel> kernels, String culprit) {
    assertThatThrownBy(() -> checkpointer.groups().restore(name, kernels).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains(culprit))
        .hasMessageContaining("no kernel was touched");
  }

  @Test
  void aRestoreThatCanNotStopAKernelTouchesNone() {
    List<QuiescableKernel> kernels = pair();
    String name = checkpointer.groups().save("g", kernels).block(LONG).name();
    right.quiesceWay.set(stop -> Mono.error(new IllegalStateException("stuck")));

    assertRefused(name, kernels, "right");
    assertBothRun();
  }

  @Test
  void aRestoreThatLosesTheStorageHalfWaySaysWhatIsDone() {
    List<QuiescableKernel> kernels = pair();
    GroupReceipt saved = checkpointer.groups().save("g", kernels).block(LONG);
    String object = StoreNames.object(saved.members().get(1).checkpoint().objectId());
    // Verified first, then it fails while it is read into the kernel.
    right.quiesceWay.set(
        stop ->
            stop.doOnSubscribe(
                s ->
                    storage.failWhen(
                        call -> call.name().equals(object), ScriptedStorage.Fault.FAIL)));

    assertThatThrownBy(() -> checkpointer.groups().restore(saved.name(), kernels).block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("restore the group again");
    storage.heal();
    right.quiesceWay.set(stop -> stop);
    checkpointer.groups().restore(saved.name(), kernels).block(LONG);
    assertBothRun();
  }

  @Test
  void takesANameThatOnlyADeadSaveHolds() {
    ObjectId dead = new ObjectId("0123456789abcdef0123456789abcdef");
    BareFiles.put(storage, "all/first", Placeholder.of(dead, null).encode());

    GroupReceipt saved =
        checkpointer
            .groups()
            .save(GroupRequest.of("g").named("all/first").onlyIfAbsent(), pair())
            .block(LONG);

    assertThat(saved.name()).isEqualTo("all/first");
    assertThat(checkpointer.groups().info("all/first").block(LONG).members()).hasSize(2);
  }
}
