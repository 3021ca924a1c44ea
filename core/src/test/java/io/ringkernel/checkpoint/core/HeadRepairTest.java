package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StaleWriterException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Heads that are damaged, missing, or were begun anew, and what a repair makes of them. */
@Timeout(120)
class HeadRepairTest {
  private static final CollectOptions AT_ONCE = CollectOptions.defaults().grace(Duration.ZERO);
  private static final String KERNEL = "fdtd";
  private static final String HEAD = StoreNames.head(KERNEL);

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();
  private final StillKernel kernel = new StillKernel(KERNEL, 0);

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private SaveReceipt save(String name, long step) {
    return checkpointer.save(name, TestStates.of(KERNEL, step)).block(LONG);
  }

  private String newest() {
    return checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name();
  }

  private RepairReceipt repair() {
    return checkpointer.repair(KERNEL).block(LONG);
  }

  private byte[] head() {
    return BareFiles.stored(storage, HEAD);
  }

  private Head decoded() {
    return Head.decode(head());
  }

  private void damage(UnaryOperator<byte[]> how) {
    BareFiles.put(storage, HEAD, how.apply(head()));
  }

  private static byte[] zeroed(byte[] bytes) {
    return new byte[bytes.length];
  }

  private List<HeadReport> reports() {
    return checkpointer.verifyHeads().collectList().block(LONG);
  }

  /** Commits a step under a name and ends before the entry is there. */
  private ObjectId commitInTheHeadAlone(String name, long step) throws InterruptedException {
    storage.commitInTheHeadAlone(checkpointer, name, TestStates.of(KERNEL, step));
    return decoded().latest().entry().file().objectId();
  }

  @ParameterizedTest
  @ValueSource(strings = {"zeroed", "garbage", "cut off", "empty", "one bit", "another kernel's"})
  void writesADamagedHeadAnew(String how) {
    save("1", 1);
    save("2", 2);
    damage(
        whole ->
            switch (how) {
              case "zeroed" -> zeroed(whole);
              case "garbage" -> TestStates.random(300, 7);
              case "cut off" -> Arrays.copyOf(whole, whole.length / 2);
              case "empty" -> new byte[0];
              case "one bit" -> {
                whole[whole.length - 20] ^= 1;
                yield whole;
              }
              default -> Head.initial("another").encode();
            });
    assertThatThrownBy(() -> save("3", 3)).isInstanceOf(CorruptCheckpointException.class);

    RepairReceipt receipt = repair();

    assertThat(receipt.isChanged()).isTrue();
    assertThat(receipt.finding()).hasMessageContaining("the head '" + HEAD + "' is");
    assertThat(receipt.head()).isEqualTo(HEAD);
    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(receipt.sequence()).isEqualTo(2 + HeadRepair.GAP);
    assertThat(receipt.finished()).isEmpty();
    assertThat(receipt.undecided()).isEmpty();
    assertThat(reports()).singleElement().matches(HeadReport::isWhole);
    assertThat(newest()).isEqualTo("2");
  }

  @Test
  void whatIsSavedThenIsNewerAndOnlyWhatChanged() {
    save("1", 1);
    save("2", 2);
    damage(HeadRepairTest::zeroed);
    repair();

    SaveReceipt saved =
        checkpointer
            .save(
                TestStates.of(KERNEL, 2),
                SaveRequest.defaults().named("3").base(BaseChoice.latest()))
            .block(LONG);

    assertThat(saved.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(checkpointer.info("3").block(LONG).sequence()).isEqualTo(3 + HeadRepair.GAP);
    assertThat(newest()).isEqualTo("3");
    RetentionPolicy one = RetentionPolicy.builder().keepLast(1).build();
    checkpointer.prune(one).block(LONG);
    checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(newest()).isEqualTo("3");
    assertThat(checkpointer.list("").collectList().block(LONG)).hasSize(1);
    assertThat(checkpointer.verify("3", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void collectsAgainAfterARepairAndNotBefore() {
    save("1", 1);
    save("1", 2);
    damage(HeadRepairTest::zeroed);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("the head '" + HEAD + "' is damaged (")
        .hasMessageContaining("rkcp repair 'fdtd' (Checkpointer.repair)");
    repair();
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(checkpointer.verify("1", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void leavesAHeadThatIsWhole() {
    save("1", 1);
    byte[] before = head();

    RepairReceipt receipt = repair();

    assertThat(receipt.isChanged()).isFalse();
    assertThat(receipt.finding()).isNull();
    assertThat(receipt.newest()).isEqualTo("1");
    assertThat(head()).isEqualTo(before);
  }

  @Test
  void tellsTheNewestThatIsStillThere() {
    save("1", 1);
    save("2", 2);
    checkpointer.delete("2").block(LONG);

    assertThat(repair().newest()).isEqualTo("1");

    checkpointer.delete("1").block(LONG);
    assertThat(repair().newest()).isNull();
  }

  @Test
  void leavesAHeadThatTheStorageFailsToRead() {
    save("1", 1);
    byte[] before = head();
    storage.refuseWhen(call -> call.operation().equals("read") && call.name().equals(HEAD));

    assertThatThrownBy(this::repair).isInstanceOf(StorageException.class);
    storage.failWhen(
        call -> call.operation().equals("read") && call.name().equals(HEAD), Fault.FAIL);
    assertThatThrownBy(this::repair).isInstanceOf(StorageException.class);
    assertThat(storage.count("save", "")).isZero();
    storage.heal();
    assertThat(head()).isEqualTo(before);
  }

  @Test
  void leavesAHeadOfALaterRelease() {
    save("1", 1);
    BareFiles.put(storage, HEAD, ofALaterRelease());
    byte[] before = head();

    assertThatThrownBy(this::repair).isInstanceOf(UnsupportedVersionException.class);
    assertThat(head()).isEqualTo(before);
  }

  private static byte[] ofALaterRelease() {
    byte[] head = new RecordWriter(RecordKind.HEAD).line("kernel-id", KERNEL).bytes();
    return withChecksum(
        new String(head, StandardCharsets.US_ASCII).replace("head 1\n", "head 2\n"));
  }

  private static byte[] withChecksum(String text) {
    String body = text.substring(0, text.lastIndexOf("crc32 "));
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    return (body + "crc32 " + String.format("%08x", crc.getValue()) + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void knowsNoKernelOfWhichNothingIsThere() {
    save("1", 1);

    assertThatThrownBy(() -> checkpointer.repair("fdtt").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessage("'fdtt': the store has neither a head nor a checkpoint of this kernel");
    assertThat(storage.exists(StoreNames.head("fdtt")).block(LONG)).isFalse();
  }

  @Test
  void isToldOfAndWrittenWhenItIsMissing() {
    save("1", 1);
    save("2", 2);
    storage.delete(HEAD).block(LONG);

    assertThat(reports())
        .singleElement()
        .satisfies(
            report -> {
              assertThat(report.name()).isEqualTo(HEAD);
              assertThat(report.kernelId()).isEqualTo(KERNEL);
              assertThat(report.finding())
                  .isInstanceOf(CheckpointNotFoundException.class)
                  .hasMessageContaining("rkcp repair 'fdtd'");
            });
    assertThat(repair().newest()).isEqualTo("2");
    save("3", 3);
    assertThat(newest()).isEqualTo("3");
    assertThat(checkpointer.info("3").block(LONG).sequence()).isEqualTo(3 + HeadRepair.GAP);
  }

  @Test
  void isToldOfAndRaisedWhenItWasLostAndBegunAnew() {
    save("1", 1);
    save("2", 2);
    storage.delete(HEAD).block(LONG);
    save("3", 3);

    assertThat(reports())
        .singleElement()
        .extracting(HeadReport::finding)
        .asInstanceOf(InstanceOfAssertFactories.THROWABLE)
        .hasMessageContaining("counts 1 commit, but a checkpoint is of commit 2")
        .hasMessageContaining("rkcp repair 'fdtd'");
    RepairReceipt receipt = repair();
    assertThat(receipt.isChanged()).isTrue();
    assertThat(receipt.newest()).isEqualTo("3");
    assertThat(receipt.sequence()).isEqualTo(3 + HeadRepair.GAP);
    assertThat(receipt.renumbered()).containsExactly("3");
    assertThat(newest()).isEqualTo("3");
    assertThat(reports()).singleElement().matches(HeadReport::isWhole);
    save("4", 4);
    assertThat(newest()).isEqualTo("4");
    checkpointer.delete("4").block(LONG);
    assertThat(repair().isChanged()).isFalse();
  }

  @Test
  void pruningRemovesNothingWhileAHeadIsBegunAnewAndKeepsItsNewestAfterARepair() {
    save("1", 1);
    save("2", 2);
    storage.delete(HEAD).block(LONG);
    save("3", 3);
    RetentionPolicy one = RetentionPolicy.keepLast(1);

    PruneReport before = checkpointer.prune(one).block(LONG);

    assertThat(before.with(PruneReport.Fate.REMOVED)).isEmpty();
    assertThat(before.with(PruneReport.Fate.KEPT))
        .hasSize(3)
        .allMatch(kept -> String.join(" ", kept.reasons()).contains("repair the kernel's head"));
    repair();
    checkpointer.prune(one).block(LONG);
    checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(newest()).isEqualTo("3");
    assertThat(StoreFixture.names(checkpointer)).containsExactly("3");
    save("4", 4);
    checkpointer.prune(one).block(LONG);
    assertThat(StoreFixture.names(checkpointer)).containsExactly("4");
  }

  @Test
  void aHeadOfALaterReleaseKeepsNoPruningFromItsWork() {
    save("1", 1);
    save("2", 2);
    BareFiles.put(storage, HEAD, ofALaterRelease());

    checkpointer.prune(RetentionPolicy.keepLast(1)).block(LONG);

    assertThat(StoreFixture.names(checkpointer)).containsExactly("2");
  }

  @Test
  void findsTheNewestOfAHeadThatWasBegunAnewWithoutACommit() {
    save("1", 1);
    save("2", 2);
    BareFiles.put(storage, HEAD, Head.initial(KERNEL).fenced().encode());

    assertThat(repair().newest()).isEqualTo("2");
    checkpointer
        .fileContent("1")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
        .block(LONG);
    assertThat(newest()).isEqualTo("2");
  }

  @Test
  void collectsNothingWithoutAHeadThatIsMissingOrBehind() {
    save("1", 1);
    save("1", 2);
    byte[] earlier = head();
    storage.delete(HEAD).block(LONG);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("nothing is removed: the head of kernel 'fdtd' is")
        .hasMessageContaining("rkcp repair 'fdtd'");
    BareFiles.put(storage, HEAD, Head.initial(KERNEL).encode());
    for (CollectOptions options : List.of(AT_ONCE, AT_ONCE.asDryRun())) {
      assertThatThrownBy(() -> checkpointer.collect(options).block(LONG))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("counts 0 commits, but a checkpoint is of commit 2");
    }
    BareFiles.put(storage, HEAD, earlier);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
  }

  @Test
  void collectsNothingWithoutTheHeadOfAKernelOfWhichOnlyAGroupIsLeft() throws InterruptedException {
    checkpointer
        .groups()
        .save("pair", List.of(new FieldKernel(KERNEL).kernel(), new FieldKernel("other").kernel()))
        .block(LONG);
    StoreFixture.names(checkpointer).stream()
        .filter(name -> !name.startsWith("pair"))
        .forEach(name -> checkpointer.delete(name).block(LONG));
    ObjectId object = commitInTheHeadAlone("x", 9);
    storage.delete(HEAD).block(LONG);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class)
        .hasMessageContaining("nothing is removed: the head of kernel 'fdtd' is");
    assertThat(storage.exists(StoreNames.object(object)).block(LONG)).isTrue();
    assertThat(repair().undecided()).contains(object);
  }

  @Test
  void finishesACommitThatStoodInTheHeadAloneAndCanStillBeReadThere() throws InterruptedException {
    save("1", 1);
    commitInTheHeadAlone("2", 2);
    damage(
        whole -> {
          whole[20] ^= 1; // in the kernel's id
          return whole;
        });

    RepairReceipt receipt = repair();

    assertThat(receipt.finished()).containsExactly("2");
    assertThat(receipt.newest()).isEqualTo("2");
    assertThat(receipt.undecided()).isEmpty();
    checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(TestStates.loaded(checkpointer, "2"))
        .isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 2)));
  }

  @Test
  void finishesOneOfAHeadThatIsCutOffBehindIt() throws InterruptedException {
    save("1", 1);
    commitInTheHeadAlone("1", 2);
    damage(whole -> Arrays.copyOf(whole, whole.length - 15));

    assertThat(repair().finished()).containsExactly("1");
    assertThat(TestStates.loaded(checkpointer, "1"))
        .isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 2)));
  }

  @Test
  void finishesNothingThatTheDamageMayHaveChanged() throws InterruptedException {
    save("1", 1);
    ObjectId object = commitInTheHeadAlone("2", 2);
    damage(
        whole -> {
          String text = new String(whole, StandardCharsets.ISO_8859_1);
          whole[text.indexOf(object.hex())] ^= 1; // in the quoted entry
          return whole;
        });

    RepairReceipt receipt = repair();

    assertThat(receipt.finished()).isEmpty();
    assertThat(receipt.newest()).isEqualTo("1");
    assertThat(receipt.undecided()).containsExactly(object);
  }

  @Test
  void finishesNothingWhoseObjectIsGone() throws InterruptedException {
    save("1", 1);
    ObjectId object = commitInTheHeadAlone("1", 2);
    damage(whole -> Arrays.copyOf(whole, whole.length - 15));
    storage.delete(StoreNames.object(object)).block(LONG);

    assertThat(repair().finished()).isEmpty();
    assertThat(TestStates.loaded(checkpointer, "1"))
        .isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 1)));
  }

  @Test
  void tellsWhichObjectsMayBeOfALostCommit() throws InterruptedException {
    save("0", 1);
    checkpointer.save("other", TestStates.of("another", 9)).block(LONG);
    save("1", 1);
    ObjectId object = commitInTheHeadAlone("1", 2);
    checkpointer.save("theirs", TestStates.of("another", 10)).block(LONG);
    checkpointer.delete("theirs").block(LONG);
    BareFiles.put(storage, StoreNames.object(ObjectId.random()), TestStates.random(300, 7));
    damage(HeadRepairTest::zeroed);
    checkpointer.delete("0").block(LONG); // not stored since the newest

    assertThat(repair().undecided()).containsExactly(object);
    // It can be had by its object, until it is collected.
    assertThat(TestStates.loaded(checkpointer, "1"))
        .isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 1)));
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed())
        .extracting(CollectReport.Garbage::id)
        .contains(object);
  }

  @Test
  void aPlaceholderNamesTheDamagedHeadThatMayKnowOfACheckpoint() throws InterruptedException {
    commitInTheHeadAlone("2", 2);
    damage(HeadRepairTest::zeroed);

    List<Mono<?>> all =
        List.of(
            checkpointer.load("2"),
            checkpointer.info("2"),
            checkpointer.delete("2"),
            checkpointer.tag("2", "t"),
            checkpointer.flatten("2"),
            checkpointer.save("2", TestStates.of("another", 1)));
    for (Mono<?> one : all) {
      assertThatThrownBy(() -> one.block(LONG))
          .isInstanceOf(CorruptCheckpointException.class)
          .hasMessageContaining("whether a checkpoint is under '2' can't be told")
          .hasMessageContaining("the head '" + HEAD + "' is damaged")
          .hasMessageContaining("rkcp repair 'fdtd'");
    }
    assertThat(checkpointer.verify("2", VerifyDepth.QUICK).block(LONG).finding()).isNotNull();
    assertThat(checkpointer.list("").collectList().block(LONG))
        .singleElement()
        .isInstanceOfSatisfying(
            UnreadableCheckpoint.class,
            listed -> assertThat(listed.problem()).hasMessageContaining("rkcp repair 'fdtd'"));

    repair();
    assertThatThrownBy(() -> checkpointer.load("2").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(checkpointer.list("").collectList().block(LONG)).isEmpty();
    checkpointer.save("2", TestStates.of("another", 1)).block(LONG);
  }

  @Test
  void endsEveryClaim() {
    checkpointer.save(kernel).block(LONG);
    damage(HeadRepairTest::zeroed);
    repair();

    assertThatThrownBy(() -> checkpointer.save(kernel).block(LONG))
        .isInstanceOf(StaleWriterException.class);
    checkpointer.restoreLatest(kernel).block(LONG);
    String saved = checkpointer.save(kernel).block(LONG).name();
    assertThat(newest()).isEqualTo(saved);
  }

  @Test
  void claimsNothingOfAKernelThatNobodyClaimed() {
    save("1", 1);
    damage(HeadRepairTest::zeroed);
    repair();

    assertThat(decoded().writer()).isNull();
    checkpointer.save(kernel).block(LONG);
    damage(HeadRepairTest::zeroed);
    repair();
    assertThat(decoded().writer()).isNotNull();
  }

  @Test
  void goesBeyondTheNumbersOfGroupsMembersToo() {
    save("1", 1);
    save("2", 2);
    GroupReceipt group =
        checkpointer
            .groups()
            .save(
                "pair",
                List.of(new FieldKernel(KERNEL).kernel(), new FieldKernel("other").kernel()))
            .block(LONG);
    GroupInfo info = checkpointer.groups().info(group.name()).block(LONG);
    String member =
        info.members().stream()
            .filter(one -> one.metadata().kernelId().equals(KERNEL))
            .map(CheckpointInfo::name)
            .findFirst()
            .orElseThrow();
    checkpointer.delete(member).block(LONG);
    damage(HeadRepairTest::zeroed);

    assertThat(repair().sequence()).isEqualTo(3 + HeadRepair.GAP);
    assertThat(newest()).isEqualTo("2");
  }

  @Test
  void anImportThatIsOlderDoesNotBecomeTheNewestOfARepairedHead() {
    save("1", 1);
    save("5", 5);
    checkpointer
        .fileContent("1")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy")))
        .block(LONG);
    damage(HeadRepairTest::zeroed);
    repair();
    checkpointer
        .fileContent("1")
        .flatMap(file -> checkpointer.importFile(file, SaveRequest.defaults().named("copy 2")))
        .block(LONG);

    assertThat(newest()).isEqualTo("5");
  }

  @Test
  void doesItsWorkOnceWhenItsAnswerIsLost() {
    save("1", 1);
    damage(HeadRepairTest::zeroed);
    storage.failWhen(Call::commits, Fault.LOSE_ANSWER);

    RepairReceipt receipt = repair();

    assertThat(receipt.isChanged()).isTrue();
    assertThat(storage.count("save", HEAD)).isOne();
    storage.heal();
    assertThat(decoded().sequence()).isEqualTo(1 + HeadRepair.GAP);
  }

  @Test
  void leavesAHeadThatAnotherRepairedMeanwhile() {
    save("1", 1);
    damage(HeadRepairTest::zeroed);
    storage.before(Call::commits, this::repair);

    assertThat(repair().isChanged()).isFalse();
    assertThat(decoded().sequence()).isEqualTo(1 + HeadRepair.GAP);
  }

  @Test
  void aWriterThatSleptOverTheRepairCommitsAnew() {
    save("a", 1);
    repairBeforeTheEntryIsWritten();

    save("a", 2);

    assertThat(TestStates.loaded(checkpointer, "a"))
        .isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 2)));
    assertThat(checkpointer.info("a").block(LONG).sequence()).isEqualTo(2 + HeadRepair.GAP);
    assertThat(newest()).isEqualTo("a");
  }

  @Test
  void aWriterOfANewNameThatSleptOverTheRepairCommitsAnew() {
    save("a", 1);
    repairBeforeTheEntryIsWritten();

    save("b", 2);

    assertThat(checkpointer.info("b").block(LONG).sequence()).isEqualTo(2 + HeadRepair.GAP);
    assertThat(newest()).isEqualTo("b");
  }

  @Test
  void aWriterWithAClaimThatSleptOverTheRepairWritesNothing() {
    String first = checkpointer.save(kernel).block(LONG).name();
    repairBeforeTheEntryIsWritten();

    assertThatThrownBy(
            () -> checkpointer.save(kernel, SaveRequest.defaults().named(first)).block(LONG))
        .isInstanceOf(StaleWriterException.class);
    assertThat(checkpointer.info(first).block(LONG).sequence()).isEqualTo(1);
  }

  private void repairBeforeTheEntryIsWritten() {
    Runnable repair =
        () -> {
          damage(HeadRepairTest::zeroed);
          repair();
        };
    storage.before(ScriptedStorage.entryOfACommit(), repair);
  }

  @Test
  void takesEveryNumberThatAnEntryMayHave() {
    save("1", 1);
    Entry entry = Entry.decode(BareFiles.stored(storage, "1"));
    CommitMark mark = new CommitMark(-2, -3, entry.mark().nonce(), false);
    BareFiles.put(storage, "1", entry.withMark(mark).encode());
    damage(HeadRepairTest::zeroed);

    Head head = decodedAfter(repair());

    assertThat(Long.compareUnsigned(head.sequence(), -2)).isNotNegative();
    assertThat(Long.compareUnsigned(head.epoch(), -3)).isPositive();
  }

  private Head decodedAfter(RepairReceipt receipt) {
    assertThat(receipt.isChanged()).isTrue();
    return decoded();
  }

  @Test
  void namesTheKernelOfEachHead() {
    String longest = "k".repeat(300);
    for (String id : List.of("plain", "Sim/7 é~_", longest)) {
      checkpointer.save("of " + id.length(), TestStates.of(id, 1)).block(LONG);
      BareFiles.put(storage, StoreNames.head(id), new byte[10]);
    }
    BareFiles.put(storage, StoreNames.head("no checkpoint"), new byte[10]);
    BareFiles.put(storage, StoreNames.head("x".repeat(300)), new byte[10]);

    assertThat(reports())
        .allMatch(report -> report.finding() != null)
        .extracting(HeadReport::kernelId)
        .containsExactlyInAnyOrder("plain", "Sim/7 é~_", longest, "no checkpoint", null);
    checkpointer.repair(longest).block(LONG);
    checkpointer.repair("no checkpoint").block(LONG);
    assertThat(reports()).filteredOn(HeadReport::isWhole).hasSize(2);
  }

  @Test
  void whatIsNoKernelsHeadIsToBeRemoved() {
    save("1", 1);
    BareFiles.put(storage, StoreNames.HEADS + "~zz", head());

    assertThat(reports())
        .filteredOn(report -> !report.isWhole())
        .singleElement()
        .satisfies(
            report -> {
              assertThat(report.kernelId()).isNull();
              assertThat(report.finding()).hasMessageEndingWith("has this name: remove it");
            });
  }

  @Test
  void aHeadThatTheStorageRefusesToReadHidesNoOther() {
    for (String id : List.of("a", "b", "c")) {
      checkpointer.save("of " + id, TestStates.of(id, 1)).block(LONG);
    }
    BareFiles.put(storage, StoreNames.head("c"), new byte[10]);
    storage.refuseWhen(call -> call.name().equals(StoreNames.head("b")));

    Map<String, CheckpointException> findings =
        Flux.fromIterable(reports())
            .filter(report -> !report.isWhole())
            .collectMap(HeadReport::kernelId, HeadReport::finding)
            .block(LONG);
    assertThat(findings).containsOnlyKeys("b", "c");
    assertThat(findings.get("b")).isInstanceOf(StorageException.class);
    assertThat(findings.get("c")).isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void aCommitThatComesWhileHeadsAreVerifiedIsNoDamage() {
    save("1", 1);
    storage.before(
        call -> call.operation().equals("list") && call.name().isEmpty(), () -> save("2", 2));

    assertThat(reports()).singleElement().matches(HeadReport::isWhole);
  }

  @Test
  void collectsNothingWithoutTheHeadOfAKernelOfWhichOnlyAPlaceholderIsLeft()
      throws InterruptedException {
    ObjectId object = commitInTheHeadAlone("x", 9);
    storage.delete(HEAD).block(LONG);

    for (CollectOptions options : List.of(AT_ONCE, AT_ONCE.asDryRun())) {
      assertThatThrownBy(() -> checkpointer.collect(options).block(LONG))
          .isInstanceOf(CheckpointNotFoundException.class)
          .hasMessageContaining("nothing is removed: the head of kernel 'fdtd' is")
          .hasMessageContaining("rkcp repair 'fdtd'");
    }
    assertThat(storage.exists(StoreNames.object(object)).block(LONG)).isTrue();
    assertThat(reports())
        .singleElement()
        .satisfies(report -> assertThat(report.kernelId()).isEqualTo(KERNEL))
        .matches(report -> !report.isWhole());
    RepairReceipt receipt = repair();
    assertThat(receipt.newest()).isNull();
    assertThat(receipt.undecided()).containsExactly(object);
    assertThat(reports()).singleElement().matches(HeadReport::isWhole);
    checkpointer.collect(AT_ONCE).block(LONG);
    assertThat(storage.list("").map(one -> one.name()).collectList().block(LONG))
        .doesNotContain("x", StoreNames.object(object));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFirstSaveThatIsUnderWayKeepsNoCollectionFromItsWork(boolean isThere) {
    storage.before(
        call -> call.toString().equals("save " + HEAD) && call.replaces() == isThere,
        () -> {
          assertThat(reports()).allMatch(HeadReport::isWhole).hasSize(isThere ? 1 : 0);
          checkpointer.collect(AT_ONCE).block(LONG);
          checkpointer.collect(AT_ONCE.asDryRun()).block(LONG);
        });

    save("1", 1);

    assertThat(checkpointer.verify("1", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void aFirstSaveThatDiedBeforeItsCommitKeepsNoCollectionFromItsWork() throws InterruptedException {
    storage.failWhen(Call::commits, Fault.HANG);
    Disposable dying = checkpointer.save("x", TestStates.of(KERNEL, 9)).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    storage.end(dying);

    assertThat(reports()).allMatch(HeadReport::isWhole);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(storage.exists("x").block(LONG)).isFalse();
  }

  @Test
  void aSaveUnderAMissingHeadTellsOfTheCheckpointsThatThereAre() {
    save("1", 1);
    assertThat(save("2", 2).notes()).isEmpty();
    storage.delete(HEAD).block(LONG);

    assertThat(save("3", 3).notes())
        .singleElement()
        .asString()
        .contains("there are checkpoints of this kernel that its head does not know of")
        .contains("a checkpoint is of commit 2")
        .contains("rkcp repair 'fdtd' (Checkpointer.repair)");
    assertThat(save("4", 4).notes()).isEmpty();
  }

  @Test
  void soDoesOneOfAKernelThatIsClaimedFirst() {
    String first = checkpointer.save(kernel).block(LONG).name();
    storage.delete(HEAD).block(LONG);
    checkpointer.restore(kernel, first).block(LONG);

    assertThat(checkpointer.save(kernel).block(LONG).notes())
        .singleElement()
        .asString()
        .contains("has given one number to two commits")
        .contains("rkcp repair 'fdtd'");
  }

  @Test
  void aFirstSaveTellsOfNothingOfOtherKernels() {
    checkpointer.save("other", TestStates.of("another", 1)).block(LONG);

    assertThat(save("1", 1).notes()).isEmpty();
  }

  @Test
  void aFirstSaveStandsWhateverItMeetsInLookingAround() {
    save("1", 1);
    storage.delete(HEAD).block(LONG);
    storage.failWhen(call -> call.operation().equals("list") && call.name().isEmpty(), Fault.FAIL);

    assertThat(save("2", 2).notes()).isEmpty();
    storage.heal();
    assertThat(newest()).isEqualTo("2");
  }

  @Test
  void aFirstSaveLooksAtABoundedNumberOfNames() {
    checkpointer.save("before", TestStates.of("another", 1)).block(LONG);
    byte[] entry = BareFiles.stored(storage, "before");
    for (int i = 0; i < 2 * FirstCommit.MOST_READ; i++) {
      BareFiles.put(storage, "copy " + i, entry);
    }
    storage.calls.clear();
    save("1", 1);

    assertThat(storage.count("read", "copy ")).isBetween(1L, (long) FirstCommit.MOST_READ);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      textBlock =
          """
          sim/7,       "'sim/7'"
          it's,        "'it'\\''s'"
          $(rm) `x`,   "'$(rm) `x`'"
          -f,          "-- '-f'"
          @file,       "'@@file'"
          "",          "''"
          naïve,       "'naïve'"
          """)
  void advisesACommandThatCanBePasted(String id, String word) {
    assertThat(HeadDamage.missing(id).words()).contains("; rkcp repair " + word + " (Check");
  }

  @Test
  void advisesACommandThatShowsWhatATerminalWouldNot() {
    assertThat(HeadDamage.missing("a\n'b\\\u202e").words())
        .contains("; rkcp repair $'a\\012\\'b\\\\\\342\\200\\256' (Check");
  }
}
