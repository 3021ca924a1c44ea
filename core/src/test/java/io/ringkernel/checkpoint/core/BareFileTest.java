package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that lie in a store as the reference would have left them. */
class BareFileTest {
  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;
  private final Checkpointer checkpointer = store.checkpointer;

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void areLoadedAndListed(int version) {
    Checkpoint state = TestStates.of("fdtd", 3);
    BareFiles.put(storage, "bare", state, version);

    assertThat(TestStates.loaded(checkpointer, "bare")).isEqualTo(TestStates.bytes(state));
    CheckpointInfo info = checkpointer.list("").cast(CheckpointInfo.class).single().block(LONG);
    assertThat(info).isEqualTo(checkpointer.info("bare").block(LONG));
    assertThat(info.managed()).isFalse();
    assertThat(info.formatVersion()).isEqualTo(version);
    assertThat(info.kind()).isEqualTo(CheckpointKind.FULL);
    assertThat(info.metadata().kernelId()).isEqualTo("fdtd");
    assertThat(info.metadata().step()).isEqualTo(3);
    assertThat(info.metadata().createdAtMicros()).isEqualTo(1_700_000_000);
    assertThat(info.sequence()).isZero();
    assertThat(info.codec()).isEqualTo("none");
    assertThat(info.fileSize()).isEqualTo(storage.stat("bare").block(LONG).size());
    assertThat(info.objectId() == null).isEqualTo(version == 1);
    if (version == 2) {
      assertThat(info.stateSize()).hasValue(state.size());
    } else {
      assertThat(info.stateSize()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void areListedWithoutReadingTheirState(int version) {
    BareFiles.put(storage, "bare", TestStates.of("fdtd", 3, 4_000_000), version);
    storage.bytesRead.set(0);

    checkpointer.list("").blockLast(LONG);

    assertThat(storage.bytesRead).hasValueLessThan(100_000);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void areReplacedOnlyByAWholeCheckpoint(int version) {
    BareFiles.put(storage, "a", TestStates.of("fdtd", 1), version);

    assertThatThrownBy(
            () ->
                checkpointer
                    .save(
                        TestStates.of("fdtd", 2), SaveRequest.defaults().named("a").onlyIfAbsent())
                    .block(LONG))
        .isInstanceOf(AlreadyExistsException.class);
    checkpointer.save("a", TestStates.of("fdtd", 2)).block(LONG);

    assertThat(checkpointer.info("a").block(LONG).managed()).isTrue();
    assertThat(checkpointer.load("a").block(LONG).metadata().step()).isEqualTo(2);
  }

  @Test
  void ofVersion1AreReadOnceForAllThatIsAskedOfThem() {
    BareFiles.put(storage, "a", TestStates.of("fdtd", 1, 2_000_000), 1);
    checkpointer.load("a").block(LONG);
    storage.bytesRead.set(0);

    checkpointer.load("a").block(LONG);

    assertThat(storage.bytesRead).hasValueLessThan(200_000);
  }

  @Test
  void ofVersion1AreVerifiedAnewWhenTheyChanged() {
    byte[] file = BareFiles.encoded(TestStates.of("fdtd", 1), 1);
    BareFiles.put(storage, "a", file);
    checkpointer.load("a").block(LONG);
    file[file.length - 1] ^= 1;
    BareFiles.put(storage, "a", file);

    assertThatThrownBy(() -> checkpointer.load("a").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void thatAreNoneAreListedAsUnreadable() {
    storage.put("junk", "this is no checkpoint");
    storage.put("empty", "");
    storage.put("entry", "rkcp-entry 1\nbroken\n");
    storage.put("cut", "10TPKCKR");
    checkpointer.save("good", TestStates.of("fdtd", 1)).block(LONG);

    assertThat(checkpointer.list("").collectList().block(LONG))
        .extracting(ListedCheckpoint::name)
        .containsExactly("cut", "empty", "entry", "good", "junk");
    assertThat(checkpointer.list("").ofType(UnreadableCheckpoint.class).collectList().block(LONG))
        .hasSize(4)
        .allSatisfy(
            one -> assertThat(one.problem()).isInstanceOf(CorruptCheckpointException.class));
    assertThatThrownBy(() -> checkpointer.load("junk").block(LONG))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThat(checkpointer.verify("entry", VerifyDepth.QUICK).block(LONG).isWhole()).isFalse();
  }

  @Test
  void ofTwoKilobytesShowEveryFlippedByteAndEveryCut() {
    byte[] file = BareFiles.encoded(TestStates.of("fdtd", 1, 800), 2);
    for (int i = 0; i < file.length; i++) {
      byte[] flipped = file.clone();
      flipped[i] ^= 0x40;
      assertDamaged("flip " + i, flipped);
    }
    for (int length = 0; length < file.length; length += 7) {
      assertDamaged("cut " + length, java.util.Arrays.copyOf(file, length));
    }
  }

  private void assertDamaged(String what, byte[] file) {
    BareFiles.put(storage, "a", file);
    VerifyReport report = checkpointer.verify("a", VerifyDepth.FULL).block(LONG);
    assertThat(report.isWhole()).describedAs(what).isFalse();
    assertThat(report.finding()).isNotNull();
  }
}
