package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.names;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.PruneReport.Decision;
import io.ringkernel.checkpoint.core.PruneReport.Fate;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies, tags, and what pruning never removes. */
class PruneTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  private void save(String kernelId, String name, long step, String loss) {
    CheckpointMetadata metadata =
        CheckpointMetadata.builder(kernelId, TestStates.TYPE)
            .step(step)
            // Not zero, which stands for "now".
            .createdAtMicros(Duration.ofHours(1500 + step).toNanos() / 1000)
            .custom("loss", loss)
            .build();
    try (Checkpoint state =
        Checkpoint.builder(metadata)
            .deviceMemory("p", ChunkContent.of(TestStates.random(100, step)))
            .build()) {
      checkpointer.save(name, state).block(LONG);
    }
  }

  /** Steps 0, 5, 10 ... under names that tell them. */
  private void saveSteps(int count) {
    for (int i = 0; i < count; i++) {
      save("k", "s" + i * 5, i * 5L, Integer.toString((i * 7) % 5));
    }
  }

  private PruneReport prune(RetentionPolicy policy) {
    return checkpointer.prune(policy).block(LONG);
  }

  @Test
  void keepsTheLast() {
    saveSteps(5);

    PruneReport report = prune(RetentionPolicy.keepLast(2));

    assertThat(names(checkpointer)).containsExactly("s15", "s20");
    assertThat(report.with(Fate.REMOVED)).hasSize(3);
    assertThat(report.with(Fate.KEPT)).hasSize(2).allMatch(one -> one.reasons().contains("last 2"));
    assertThat(report.decisions().get(0).checkpoint().name()).isEqualTo("s20");
  }

  @Test
  void keepsOneOfEachSoManySteps() {
    saveSteps(7);

    prune(RetentionPolicy.builder().keepEverySteps(10).build());

    assertThat(names(checkpointer)).containsExactly("s0", "s10", "s20", "s30");
  }

  @Test
  void keepsOneOfEachStretchOfTime() {
    saveSteps(7);

    // A step is an hour.
    prune(RetentionPolicy.builder().keepEvery(Duration.ofHours(15)).build());

    assertThat(names(checkpointer)).containsExactly("s0", "s15", "s30");
  }

  @Test
  void keepsTheBestByAValueInTheirMetadata() {
    saveSteps(5);
    save("k", "none", 30, "not a number");

    // Losses are 0 2 4 1 3; the newest stays in any case.
    prune(RetentionPolicy.builder().keepBest(2, "loss", RetentionPolicy.Order.LOWEST).build());

    assertThat(names(checkpointer)).containsExactly("none", "s0", "s15");
  }

  @Test
  void tellsWhereTheBestAreSoughtByWhatIsNoNumber() {
    save("k", "comma", 1, "0,1");
    save("k", "undefined", 2, "NaN");
    save("k", "best", 3, "0.5");
    save("k", "newest", 4, "");

    PruneReport report =
        prune(RetentionPolicy.builder().keepBest(1, "loss", RetentionPolicy.Order.LOWEST).build());

    assertThat(report.with(Fate.REMOVED))
        .extracting(one -> one.checkpoint().name())
        .containsExactly("undefined", "comma");
    assertThat(report.decisions())
        .filteredOn(one -> one.reasons().stream().anyMatch(why -> why.contains("no number")))
        .extracting(one -> one.checkpoint().name())
        .containsExactly("newest", "undefined", "comma");
    assertThat(report.with(Fate.REMOVED).get(1).reasons())
        .contains("no rule keeps it")
        .anyMatch(why -> why.contains("best 1 by lowest loss") && why.contains("'0,1'"));
  }

  @Test
  void keepsTheBestOfAKernelThatTellsItsOwnEntries() {
    String[] loss = {"0.5"};
    CheckpointableKernel kernel =
        KernelAdapters.named("host")
            .adapt(
                KernelDescriptor.builder("net", "training")
                    .region("weights", new KernelMemory.Host(ByteBuffer.allocate(64)))
                    .custom(() -> Map.of("loss", loss[0]))
                    .standsStill()
                    .build());
    for (String each : new String[] {"0.5", "0.1", "0.3", "0.2"}) {
      loss[0] = each;
      checkpointer.save(kernel, SaveRequest.defaults().named("at " + each)).block(LONG);
    }

    prune(RetentionPolicy.builder().keepBest(1, "loss", RetentionPolicy.Order.LOWEST).build());

    assertThat(names(checkpointer)).containsExactly("at 0.1", "at 0.2");
    RestoreReceipt receipt = checkpointer.restore(kernel, "at 0.1").block(LONG);
    assertThat(receipt.checkpoint().metadata().custom()).containsExactly(entry("loss", "0.1"));
  }

  @Test
  void keepsTheHighestAndOfEqualOnesTheNewer() {
    save("k", "a", 1, "3");
    save("k", "b", 2, "3");
    save("k", "c", 3, "1");

    prune(RetentionPolicy.builder().keepBest(1, "loss", RetentionPolicy.Order.HIGHEST).build());

    assertThat(names(checkpointer)).containsExactly("b", "c");
  }

  @Test
  void keepsWhatAnyRuleKeeps() {
    saveSteps(5);
    checkpointer.tag("s5", "good").block(LONG);

    PruneReport report =
        prune(RetentionPolicy.builder().keepLast(1).keepTag("good").keepEverySteps(100).build());

    assertThat(names(checkpointer)).containsExactly("s0", "s20", "s5");
    assertThat(report.policy()).isEqualTo("keep last 1, keep tag good, keep every 100 steps");
  }

  @Test
  void looksAtEachKernelByItself() {
    save("one", "one/1", 1, "");
    save("two", "two/1", 2, "");
    save("two", "two/2", 3, "");

    prune(RetentionPolicy.keepLast(1));
    assertThat(names(checkpointer)).containsExactly("one/1", "two/2");
  }

  @Test
  void leavesOtherKernelsAndNamesAlone() {
    for (String kernelId : List.of("one", "two")) {
      save(kernelId, kernelId + "/1", 1, "");
      save(kernelId, kernelId + "/2", 2, "");
    }

    checkpointer
        .prune(RetentionPolicy.keepLast(1), PruneOptions.defaults().ofKernel("one"))
        .block(LONG);
    assertThat(names(checkpointer)).containsExactly("one/2", "two/1", "two/2");
    checkpointer
        .prune(RetentionPolicy.keepLast(1), PruneOptions.defaults().below("other"))
        .block(LONG);
    assertThat(names(checkpointer)).hasSize(3);
  }

  @Test
  void neverTouchesASavepoint() {
    checkpointer
        .save(TestStates.of("k", 1), SaveRequest.defaults().named("point").savepoint(true))
        .block(LONG);
    save("k", "later", 2, "");

    PruneReport report = prune(RetentionPolicy.keepLast(1));

    assertThat(names(checkpointer)).containsExactly("later", "point");
    assertThat(report.with(Fate.KEPT))
        .filteredOn(one -> one.checkpoint().name().equals("point"))
        .flatExtracting(Decision::reasons)
        .containsExactly("savepoint");
  }

  @Test
  void neverRemovesTheNewestThatCanBeRestored() {
    saveSteps(3);
    // Of the newest nothing is left but its entry.
    String object = StoreNames.object(checkpointer.info("s10").block(LONG).objectId());
    storage.delete(object, null).block(LONG);

    PruneReport report = prune(RetentionPolicy.keepLast(1));

    assertThat(names(checkpointer)).containsExactly("s10", "s5");
    assertThat(report.with(Fate.KEPT))
        .filteredOn(one -> one.checkpoint().name().equals("s5"))
        .flatExtracting(Decision::reasons)
        .containsExactly("the newest that can be restored");
  }

  @Test
  void holdsWhatALaterReleaseWroteForNoneThatCanBeRestored() {
    saveSteps(3);
    String object = StoreNames.object(checkpointer.info("s10").block(LONG).objectId());
    byte[] later = BareFiles.stored(storage, object);
    later[8] = 9;
    BareFiles.put(storage, object, later);

    prune(RetentionPolicy.keepLast(1));

    assertThat(names(checkpointer)).containsExactly("s10", "s5");
  }

  @Test
  void keepsNothingForAValueThatIsGoneWithItsObject() {
    saveSteps(4);
    String object = StoreNames.object(checkpointer.info("s0").block(LONG).objectId());
    storage.delete(object, null).block(LONG);

    prune(RetentionPolicy.builder().keepBest(1, "loss", RetentionPolicy.Order.LOWEST).build());

    assertThat(names(checkpointer)).as("of losses 2, 4 and 1").containsExactly("s15");
  }

  @Test
  void removesNothingOfAKernelOfWhichNothingCanBeRestored() {
    saveSteps(3);
    storage
        .list(StoreNames.OBJECTS)
        .concatMap(object -> storage.delete(object.name(), null))
        .blockLast(LONG);

    assertThat(prune(RetentionPolicy.keepLast(1)).with(Fate.REMOVED)).isEmpty();
    assertThat(names(checkpointer)).hasSize(3);
  }

  @Test
  void leavesBareFilesAlone() {
    BareFiles.put(storage, "bare", TestStates.of("k", 1), 2);
    saveSteps(2);

    PruneReport report = prune(RetentionPolicy.keepLast(1));

    assertThat(names(checkpointer)).containsExactly("bare", "s5");
    assertThat(report.decisions())
        .extracting(one -> one.checkpoint().name())
        .containsExactly("s5", "s0");
  }

  @Test
  void changesNothingWhenDry() {
    saveSteps(3);
    storage.heal();

    PruneReport report =
        checkpointer
            .prune(RetentionPolicy.keepLast(1), PruneOptions.defaults().asDryRun())
            .block(LONG);

    assertThat(report.with(Fate.REMOVED)).hasSize(2);
    assertThat(storage.count("save", "") + storage.count("delete", "")).isZero();
    assertThat(names(checkpointer)).hasSize(3);
  }

  @Test
  void tellsWhichEntriesNoCheckpointHasANumberIn() {
    RetentionPolicy policy =
        RetentionPolicy.builder()
            .keepBest(1, "loss", RetentionPolicy.Order.LOWEST)
            .keepBest(1, "los", RetentionPolicy.Order.LOWEST)
            .build();
    assertThat(prune(policy).unknownKeys()).isEmpty();
    save("k", "a", 1, "0.5");
    save("other", "b", 1, "no number");

    assertThat(prune(policy).unknownKeys()).containsExactly("los");
    PruneOptions other = PruneOptions.defaults().ofKernel("other");
    assertThat(checkpointer.prune(policy, other).block(LONG).unknownKeys())
        .containsExactly("los", "loss");
  }

  @Test
  void removesNothingForAnEntryThatIsMistyped() {
    saveSteps(3);
    RetentionPolicy mistyped =
        RetentionPolicy.builder().keepBest(2, "los", RetentionPolicy.Order.LOWEST).build();

    assertThatThrownBy(() -> prune(mistyped))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContainingAll("'los'", "nothing was removed", "allowUnmatched");
    assertThat(names(checkpointer)).hasSize(3);
    PruneOptions dry = PruneOptions.defaults().asDryRun();
    assertThat(checkpointer.prune(mistyped, dry).block(LONG).unknownKeys()).containsExactly("los");

    checkpointer.prune(mistyped, PruneOptions.defaults().allowUnmatched()).block(LONG);
    assertThat(names(checkpointer)).hasSize(1);
  }

  @Test
  void tellsWhichTagsNoCheckpointHas() {
    RetentionPolicy policy = RetentionPolicy.builder().keepTag("good").keepTag("gud").build();
    PruneOptions dry = PruneOptions.defaults().asDryRun();
    assertThat(checkpointer.prune(policy, dry).block(LONG).unknownTags()).isEmpty();
    save("k", "a", 1, "");
    save("other", "b", 1, "");
    checkpointer.tag("a", "good").block(LONG);

    assertThat(checkpointer.prune(policy, dry).block(LONG).unknownTags()).containsExactly("gud");
    assertThat(checkpointer.prune(policy, dry.ofKernel("other")).block(LONG).unknownTags())
        .containsExactly("good", "gud");
  }

  @Test
  void leavesWhatIsReplacedMeanwhile() {
    saveSteps(2);
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.JOURNAL),
        () -> save("k", "s0", 77, ""));

    PruneReport report = prune(RetentionPolicy.keepLast(1));

    assertThat(report.with(Fate.CHANGED)).hasSize(1);
    assertThat(checkpointer.info("s0").block(LONG).metadata().step()).isEqualTo(77);
  }

  @Test
  void writesIntoTheJournalWhatItRemovedAndWhy() {
    saveSteps(3);
    prune(RetentionPolicy.keepLast(1));

    List<JournalRecord> journal = checkpointer.journal().collectList().block(LONG);

    assertThat(journal).hasSize(1);
    assertThat(journal.get(0).action()).isEqualTo(JournalRecord.Action.PRUNE);
    assertThat(journal.get(0).policy()).isEqualTo("keep last 1");
    assertThat(journal.get(0).checkpoints()).containsExactly("s5", "s0");
    assertThat(journal.get(0).complete()).isTrue();
  }

  @Test
  void tagsAreSetAndTaken() {
    save("k", "a", 1, "");

    assertThat(checkpointer.tag("a", "good").block(LONG).tags()).containsExactly("good");
    assertThat(checkpointer.tag("a", "a b").block(LONG).tags())
        .containsExactlyInAnyOrder("a b", "good");
    assertThat(checkpointer.untag("a", "good").block(LONG).tags()).containsExactly("a b");
    assertThat(checkpointer.untag("a", "never").block(LONG).tags()).containsExactly("a b");
    assertThat(checkpointer.info("a").block(LONG).tags()).containsExactly("a b");
    StillKernel kernel = new StillKernel("k", 0);
    assertThat(checkpointer.restoreLatest(kernel).block(LONG).checkpoint().name()).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "line\nbreak", "\ud800"})
  void refusesWhatCanBeNoTag(String tag) {
    save("k", "a", 1, "");

    assertThatThrownBy(() -> checkpointer.tag("a", tag).block(LONG))
        .isInstanceOf(InvalidNameException.class);
  }

  @Test
  void refusesTagsOfWhatIsNotManaged() {
    BareFiles.put(storage, "bare", TestStates.of("k", 1), 2);

    assertThatThrownBy(() -> checkpointer.tag("bare", "x").block(LONG))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("import");
    assertThatThrownBy(() -> checkpointer.tag("nothing", "x").block(LONG))
        .isInstanceOf(CheckpointNotFoundException.class);
  }

  @Test
  void refusesAPolicyWithoutRulesAndRulesWithoutSense() {
    RetentionPolicy.Builder builder = RetentionPolicy.builder();
    assertThatIllegalArgumentException().isThrownBy(builder::build);
    assertThatIllegalArgumentException().isThrownBy(() -> builder.keepLast(0));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.keepEverySteps(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.keepEvery(Duration.ZERO));
  }
}
