package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.collect;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CommitStateUnknownException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.tck.fault.CorruptingStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Checkpoints copied from store to store: a full one, and a chain of two deltas upon it. */
class CopyTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  @RegisterExtension
  final CopyFixture stores = new CopyFixture(CODEC, "memory:" + UUID.randomUUID());

  private final ScriptedStorage source = stores.source;
  private final ScriptedStorage target = stores.target;
  private final Checkpointer from = stores.from;
  private final Checkpointer to = stores.to;
  private final ChangingKernel kernel = new ChangingKernel("fdtd").region("a", 6, 1);
  private Map<String, ByteBuffer> last;

  /** Saves "1", and "2" and "3" as deltas. */
  private void saveChain() {
    for (int step = 1; step <= 3; step++) {
      kernel.step = step;
      SaveReceipt saved = from.save(kernel, SaveRequest.defaults().named("" + step)).block(LONG);
      assertThat(saved.kind() == CheckpointKind.FULL).isEqualTo(step == 1);
      last = kernel.bytes();
      kernel.touch("a", step);
    }
    source.heal();
    target.heal();
  }

  private CopyReceipt copy(String name, CopyRequest request) {
    return from.copy(name, to, request).block(LONG);
  }

  private CopyReceipt copy(String name) {
    return copy(name, CopyRequest.defaults());
  }

  private static long objects(ScriptedStorage storage) {
    return storage.list(StoreNames.OBJECTS).count().block(LONG);
  }

  @Test
  void takesAlongWhatADeltaRefersTo() {
    saveChain();

    CopyReceipt receipt = copy("3");

    CheckpointInfo info = from.info("3").block(LONG);
    assertThat(receipt.objectId()).isEqualTo(info.objectId());
    assertThat(receipt.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(receipt.ancestors()).isEqualTo(info.ancestors().size()).isEqualTo(2);
    assertThat(receipt.flattened()).isFalse();
    assertThat(objects(target)).isEqualTo(3);
    assertThat(to.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactly("3");
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
    assertThat(to.verify("3", VerifyDepth.FULL).block(LONG).finding()).isNull();
    collect(to);
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
  }

  @Test
  void sendsOnlyWhatIsMissing() {
    saveChain();
    long all = copy("1").copied();

    CopyReceipt second = copy("2");
    CopyReceipt again = copy("2");

    assertThat(second.copied())
        .isEqualTo(from.info("2").block(LONG).fileSize())
        .isLessThan(all / 2);
    assertThat(again.changed()).isFalse();
    assertThat(again.copied()).isZero();
    assertThat(again.sequence()).isEqualTo(second.sequence());
    assertThat(objects(target)).isEqualTo(2);
  }

  @Test
  void takesUpACopyThatBrokeOff() {
    saveChain();
    // The third object can't be written.
    String object = StoreNames.object(from.info("3").block(LONG).objectId());
    target.failWhen(
        call -> call.operation().equals("save") && call.name().equals(object), Fault.FAIL);
    assertThatThrownBy(() -> copy("3")).isInstanceOf(StorageException.class);
    assertThat(to.list("").count().block(LONG)).isZero();
    assertThat(objects(target)).isEqualTo(2);
    target.heal();

    CopyReceipt receipt = copy("3");

    assertThat(receipt.copied()).isEqualTo(from.info("3").block(LONG).fileSize());
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
  }

  @Test
  void sendsNothingWhenOnlyTheCommitIsMissing() {
    saveChain();
    target.failWhen(ScriptedStorage.Call::commits, Fault.FAIL);
    assertThatThrownBy(() -> copy("3")).isInstanceOf(CommitStateUnknownException.class);
    target.heal();

    CopyReceipt receipt = copy("3");

    assertThat(receipt.copied()).isZero();
    assertThat(receipt.present()).isEqualTo(from.info("3").block(LONG).fileSize());
    assertThat(receipt.changed()).isTrue();
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
  }

  @Test
  void flattensWhenAsked() {
    saveChain();

    CopyReceipt receipt = copy("3", CopyRequest.defaults().flattened());
    CopyReceipt again = copy("3", CopyRequest.defaults().flattened());

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.flattened()).isTrue();
    assertThat(receipt.copied()).isEqualTo(to.info("3").block(LONG).fileSize());
    assertThat(objects(target)).isEqualTo(1);
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
    assertThat(again.changed()).isFalse();
  }

  @Test
  void flattensWhatRefersToAnObjectThatIsJustBeingRemovedThere() {
    saveChain();
    copy("1");
    to.delete("1").block(LONG);
    // Condemns it, and leaves it for an hour.
    to.collect().block(LONG);

    CopyReceipt receipt = copy("2");

    assertThat(receipt.flattened()).isTrue();
    assertThat(receipt.notes()).singleElement().asString().contains("just being removed");
    collect(to);
    assertThat(TestStates.loaded(to, "2")).isEqualTo(TestStates.loaded(from, "2"));
  }

  @Test
  void givesWhatIsJustBeingRemovedThereAnotherObject() {
    saveChain();
    copy("1");
    to.delete("1").block(LONG);
    to.collect().block(LONG);

    CopyReceipt receipt = copy("1");

    assertThat(receipt.objectId()).isNotEqualTo(from.info("1").block(LONG).objectId());
    collect(to);
    assertThat(TestStates.loaded(to, "1")).isEqualTo(TestStates.loaded(from, "1"));
    assertThat(objects(target)).isEqualTo(1);
  }

  @Test
  void isNotHarmedByCollectionsMeanwhile() {
    saveChain();
    for (String at : List.of("object", "head", "entry")) {
      target.before(
          call ->
              switch (at) {
                case "object" ->
                    call.operation().equals("save")
                        && call.name().startsWith(StoreNames.OBJECTS)
                        && target.count("save", StoreNames.OBJECTS) > 1;
                case "head" -> call.commits();
                default -> call.savesEntry();
              },
          () -> collect(to));

      copy("3");

      target.heal();
      collect(to);
      assertThat(TestStates.loaded(to, "3")).as(at).isEqualTo(last);
      to.delete("3").block(LONG);
      collect(to);
      assertThat(objects(target)).isZero();
    }
  }

  @Test
  void sharesTheObjectsWithinOneStore() {
    saveChain();

    CopyReceipt receipt = from.copy("3", from, CopyRequest.defaults().named("copy")).block(LONG);

    assertThat(receipt.copied()).isZero();
    assertThat(objects(source)).isEqualTo(3);
    for (String name : List.of("1", "2", "3")) {
      from.delete(name).block(LONG);
    }
    collect(from);
    assertThat(TestStates.loaded(from, "copy")).isEqualTo(last);
    from.delete("copy").block(LONG);
    collect(from);
    assertThat(objects(source)).isZero();
  }

  @Test
  void keepsTagsAndSavepoint() {
    from.save(kernel, SaveRequest.defaults().named("good").savepoint(true)).block(LONG);
    from.tag("good", "best").block(LONG);

    copy("good");
    copy("good", CopyRequest.defaults().named("other"));

    assertThat(to.info("good").block(LONG).tags()).containsExactly("best");
    assertThat(to.info("good").block(LONG).savepoint()).isTrue();
    assertThat(to.info("other").block(LONG).tags()).containsExactly("best");
    // Copied on, it is still the same.
    ScriptedStorage third = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer further = CODEC.on(third);
    to.copy("good", further, CopyRequest.defaults()).block(LONG);
    assertThat(from.copy("good", further, CopyRequest.defaults()).block(LONG).changed()).isFalse();
    further.close().block(LONG);
    third.close().block(LONG);
  }

  @Test
  void refusesANameThatIsTakenIfAsked() {
    saveChain();
    copy("1", CopyRequest.defaults().named("x"));

    assertThatThrownBy(() -> copy("2", CopyRequest.defaults().named("x").onlyIfAbsent()))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(copy("1", CopyRequest.defaults().named("x").onlyIfAbsent()).changed()).isFalse();
    assertThat(copy("2", CopyRequest.defaults().named("x")).changed()).isTrue();
    assertThat(TestStates.loaded(to, "x")).isEqualTo(TestStates.loaded(from, "2"));
  }

  @Test
  void tellsHowFarItIs() {
    saveChain();
    List<CopyProgress> told = new ArrayList<>();

    CopyReceipt receipt = copy("3", CopyRequest.defaults().onProgress(told::add));

    assertThat(told).isNotEmpty().allMatch(progress -> progress.name().equals("3"));
    assertThat(told).extracting(CopyProgress::copied).isSorted();
    CopyProgress end = told.get(told.size() - 1);
    assertThat(end.copied()).isEqualTo(end.total()).isEqualTo(receipt.copied());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void copiesBareFilesOfBothVersions(int version) {
    BareFiles.put(source, "bare", TestStates.of("fdtd", 4), version);

    CopyReceipt receipt = copy("bare");

    assertThat(receipt.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(receipt.copied()).isEqualTo(from.info("bare").block(LONG).fileSize());
    assertThat(TestStates.loaded(to, "bare")).isEqualTo(TestStates.loaded(from, "bare"));
  }

  @Test
  void copiesADeltaOfVersion1WithItsBase() {
    Checkpointer version1 =
        Checkpointer.builder(source).codec(CODEC.codec()).formatVersion(1).build();
    ChangingKernel two = new ChangingKernel("fdtd").region("a", 2, 1).region("b", 1, 2);
    version1.save(two, SaveRequest.defaults().named("base")).block(LONG);
    two.touch("b", 0);
    version1
        .save(two, SaveRequest.defaults().named("d").base(BaseChoice.named("base")))
        .block(LONG);

    CopyReceipt along = copy("d");
    CopyReceipt flat = copy("d", CopyRequest.defaults().named("flat").flattened());

    assertThat(along.kind()).isEqualTo(CheckpointKind.DELTA);
    assertThat(flat.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(TestStates.loaded(to, "d")).isEqualTo(two.bytes());
    assertThat(TestStates.loaded(to, "flat")).isEqualTo(two.bytes());
    version1.close().block(LONG);
  }

  @Test
  void copiesNothingThatIsDamaged() {
    saveChain();
    ObjectId base = from.info("1").block(LONG).objectId();
    CorruptingStorage bad = CorruptingStorage.around(source);
    bad.flip(StoreNames.object(base), 30_000, 4);
    Checkpointer damaged = CODEC.on(bad);

    for (CopyRequest request :
        List.of(CopyRequest.defaults(), CopyRequest.defaults().flattened())) {
      assertThatThrownBy(() -> damaged.copy("3", to, request).block(LONG))
          .isInstanceOf(CorruptCheckpointException.class);
    }

    assertThatThrownBy(() -> damaged.copy("3", to, CopyRequest.defaults()).block(LONG))
        .as("where the damage is")
        .hasMessageContaining("in ancestor " + base);
    assertThat(to.list("").count().block(LONG)).isZero();
    assertThatThrownBy(() -> copy("nothing")).isInstanceOf(CheckpointNotFoundException.class);
    damaged.close().block(LONG);
  }

  @Test
  void refersToNothingThatIsAnotherThere() {
    saveChain();
    from.save("other", TestStates.of("other", 1)).block(LONG);
    String base = StoreNames.object(from.info("1").block(LONG).objectId());
    String other = StoreNames.object(from.info("other").block(LONG).objectId());
    BareFiles.put(target, base, BareFiles.stored(source, other));

    CopyReceipt receipt = copy("3");

    assertThat(receipt.flattened()).isTrue();
    assertThat(TestStates.loaded(to, "3")).isEqualTo(last);
  }

  @Test
  void replacesAnObjectThatIsDamagedThereByAnother() {
    saveChain();
    target.put(StoreNames.object(from.info("1").block(LONG).objectId()), "cut off");

    CopyReceipt receipt = copy("1");

    assertThat(receipt.objectId()).isNotEqualTo(from.info("1").block(LONG).objectId());
    assertThat(TestStates.loaded(to, "1")).isEqualTo(TestStates.loaded(from, "1"));
  }

  @Test
  void isNoFailureWhenAnotherReplacesItByTheSame() {
    saveChain();
    target.before(
        call -> call.savesEntry() && call.name().equals("2"),
        () -> from.copy("2", CODEC.on(target), CopyRequest.defaults().flattened()).block(LONG));

    CopyReceipt receipt = copy("2");

    assertThat(receipt.changed()).isFalse();
    assertThat(TestStates.loaded(to, "2")).isEqualTo(TestStates.loaded(from, "2"));
  }

  @Test
  void ofAnyNumberAtTheSameTimeLeavesOneThatIsWhole() {
    saveChain();

    List<CopyReceipt> receipts =
        Flux.range(0, 12)
            .flatMap(
                i ->
                    from.copy(
                        "" + (1 + i % 3),
                        i % 2 == 0 ? to : CODEC.on(target),
                        CopyRequest.defaults()),
                12)
            .collectList()
            .block(LONG);

    assertThat(receipts).hasSize(12);
    collect(to);
    assertThat(objects(target)).isEqualTo(3);
    for (String name : List.of("1", "2", "3")) {
      assertThat(to.verify(name, VerifyDepth.FULL).block(LONG).finding()).isNull();
      assertThat(TestStates.loaded(to, name)).isEqualTo(TestStates.loaded(from, name));
    }
  }

  @Test
  void aTiersCopyThatComesLateDoesNotBecomeTheNewest() {
    saveChain();
    CopyTerms terms = new CopyTerms(kernelId -> Mono.empty(), ObjectId.random());
    Copier tier = new Copier(from.engine(), to.engine(), terms);
    for (String name : List.of("1", "3", "2")) {
      tier.copy(name, CopyRequest.defaults()).block(LONG);
    }

    ChangingKernel restored = new ChangingKernel("fdtd");
    assertThat(to.restoreLatest(restored).block(LONG).checkpoint().name()).isEqualTo("3");
    to.delete("3").block(LONG);
    assertThat(to.restoreLatest(restored).block(LONG).checkpoint().name()).isEqualTo("2");
  }

  @Test
  void importsOfOneFileAtTheSameTimeDoNotTakeEachOthersObject() {
    ChunkContent file = ChunkContent.of(BareFiles.encoded(TestStates.of("fdtd", 5), 2));

    Flux.range(0, 8)
        .flatMap(
            i ->
                to.importFile(file, SaveRequest.defaults().named("i" + i))
                    .onErrorResume(AlreadyExistsException.class, e -> Mono.empty()),
            8)
        .collectList()
        .block(LONG);

    List<ListedCheckpoint> there = to.list("").collectList().block(LONG);
    assertThat(there).isNotEmpty();
    for (ListedCheckpoint one : there) {
      assertThat(to.verify(one.name(), VerifyDepth.FULL).block(LONG).finding()).isNull();
    }
  }

  @TestFactory
  Stream<DynamicTest> isThereWholeOrNotAtAllWhereverACallFails() {
    saveChain();
    copy("3");
    int calls = target.calls.size();
    return IntStream.range(0, calls)
        .boxed()
        .flatMap(
            n ->
                Stream.of(Fault.FAIL, Fault.LOSE_ANSWER)
                    .map(
                        fault ->
                            DynamicTest.dynamicTest(
                                fault + " at " + n + " of " + calls, () -> failAt(n, fault))));
  }

  private void failAt(int n, Fault fault) {
    ScriptedStorage store = new ScriptedStorage("memory:" + UUID.randomUUID());
    Checkpointer trial = CODEC.on(store);
    store.failAt(n, 1, fault, true);
    boolean done;
    try {
      from.copy("3", trial, CopyRequest.defaults()).block(LONG);
      done = true;
    } catch (CheckpointException e) {
      done = false;
    }
    store.heal();
    Set<String> names =
        trial.list("").map(ListedCheckpoint::name).collect(Collectors.toSet()).block(LONG);
    assertThat(names).isSubsetOf("3");
    if (done || !names.isEmpty()) {
      assertThat(TestStates.loaded(trial, "3")).isEqualTo(last);
    }
    from.copy("3", trial, CopyRequest.defaults()).block(LONG);
    assertThat(TestStates.loaded(trial, "3")).isEqualTo(last);
    assertThat(store.openBuffers).hasValue(0);
    trial.close().block(LONG);
    store.close().block(LONG);
  }

  @Test
  void whatAnotherCopiedMeanwhileIsNoneOfTheThingsThatRefuseIt() {
    saveChain();
    target.before(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.OBJECTS),
        () -> copy("1"));

    CopyReceipt receipt = copy("1", CopyRequest.defaults().onlyIfAbsent());

    assertThat(receipt.changed()).isFalse();
  }
}
