package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Names in a storage that hides from its listings what lies below another name. */
@Timeout(120)
class NestedNamesTest {
  private final ScriptedStorage storage = new ScriptedStorage(new HidingStorage());
  private final Checkpointer checkpointer = open();
  private final Checkpointer other = open();

  private Checkpointer open() {
    return Checkpointer.builder(storage).parallelism(1).build();
  }

  @AfterEach
  void close() {
    assertThat(storage.openBuffers).hasValue(0);
    checkpointer.close().block(LONG);
    other.close().block(LONG);
    storage.close().block(LONG);
  }

  private static Mono<SaveReceipt> save(Checkpointer by, String name) {
    return by.save(name, TestStates.of("kernel of " + name, 1));
  }

  private void saved(String name) {
    save(checkpointer, name).block(LONG);
  }

  private static boolean succeeds(Mono<?> work) {
    return work.thenReturn(true)
        .onErrorResume(InvalidNameException.class, e -> Mono.just(false))
        .block(LONG);
  }

  @ParameterizedTest
  @CsvSource({"a, a/b", "a, a/b/c", "a/b, a/b/c", "a/b/c, a", "a/b/c, a/b"})
  void refusesANameAboveOrBelowAnother(String present, String refused) {
    saved(present);

    assertThatThrownBy(() -> save(other, refused).block(LONG))
        .isInstanceOf(InvalidNameException.class)
        .hasMessageContaining("'" + refused + "'")
        .hasMessageContaining("hide");

    assertThat(StoreFixture.names(other)).containsExactly(present);
    assertThat(storage.count("save", StoreNames.OBJECTS)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"a, ab", "a/b, a/bc", "a/b, a", "a!b, a"})
  void givesNamesThatHideNothing(String present, String another) {
    saved(present);
    boolean isFolder = present.startsWith(another + "/");

    assertThat(succeeds(save(other, another))).isEqualTo(!isFolder);
    assertThat(succeeds(save(other, present))).as("again").isTrue();
  }

  @Test
  void aFolderStaysOne() {
    saved("a/b");
    checkpointer.delete("a/b").block(LONG);

    assertThat(succeeds(save(other, "a"))).isFalse();
    assertThat(succeeds(save(other, "a/c"))).isTrue();
  }

  @Test
  void whatAnotherProgramPutThereCounts() {
    storage.put("by/others/notes", "something");

    assertThat(succeeds(save(checkpointer, "by/others"))).isFalse();
    assertThat(succeeds(save(checkpointer, "by/others/notes/too"))).isFalse();
  }

  @Test
  void aKernelWhoseFolderIsTakenIsNotStopped() {
    HeldKernel kernel = new HeldKernel("wave");
    saved("wave");

    assertThatThrownBy(() -> checkpointer.save(kernel.kernel()).block(LONG))
        .isInstanceOf(InvalidNameException.class);
    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GroupRequest.of("g").named("wave/g"), List.of(kernel.kernel()))
                    .block(LONG))
        .isInstanceOf(InvalidNameException.class);

    assertThat(kernel.stops).hasValue(0);
  }

  @Test
  void removesNothingWhileSomethingMayHideTheRest() {
    saved("a/b");
    storage.put("a", "put there by another program");

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'a'");

    storage.delete("a", null).block(LONG);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).isEmpty();
    assertThat(checkpointer.verify("a/b", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".rkcp",
        ".rkcp/heads",
        ".rkcp/objects",
        ".rkcp/pins",
        ".rkcp/tombstones",
        ".rkcp/folders",
        ".rkcp/objects/xx"
      })
  void removesNothingWhileSomethingMayHideTheStoresOwn(String place) {
    saved("a/b");
    saved("deleted");
    String object = "" + checkpointer.info("deleted").block(LONG).objectId();
    checkpointer.delete("deleted").block(LONG);
    String intruder = place.replace("xx", object.substring(0, 2));
    storage.put(intruder, "put there by another program");
    long deletes = storage.count("delete", "");

    for (CollectOptions options : List.of(AT_ONCE, AT_ONCE.asDryRun())) {
      assertThatThrownBy(() -> checkpointer.collect(options).block(LONG))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("'" + intruder + "'")
          .hasMessageContaining("delete it");
    }

    assertThat(storage.count("delete", "")).isEqualTo(deletes);
    storage.delete(intruder, null).block(LONG);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(checkpointer.verify("a/b", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void looksForWhatMayHideTheStoresOwnAgainBeforeItRemoves() {
    saved("a/b");
    saved("deleted");
    checkpointer.delete("deleted").block(LONG);
    storage.before(
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.TOMBSTONES),
        () -> storage.put(".rkcp/pins", "put there by another program"));

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .hasMessageContaining("'.rkcp/pins'");

    assertThat(storage.count("delete", StoreNames.OBJECTS)).isZero();
  }

  /** One save as a whole before each single request of the other, and the other way round. */
  @ParameterizedTest
  @CsvSource({"a, a/b", "a/b, a"})
  void ofTwoAtOnceNoneHidesTheOther(String interrupted, String interrupting) {
    boolean interrupts = true;
    for (int n = 0; interrupts; n++) {
      ScriptedStorage fresh = new ScriptedStorage(new HidingStorage());
      Checkpointer one = Checkpointer.builder(fresh).parallelism(1).build();
      Checkpointer two = Checkpointer.builder(fresh).parallelism(1).build();
      List<String> committed = new ArrayList<>();
      fresh.before(
          n,
          () -> {
            if (succeeds(save(two, interrupting))) {
              committed.add(interrupting);
            }
          });
      if (succeeds(save(one, interrupted))) {
        committed.add(interrupted);
      }
      interrupts = !fresh.isStillToInterrupt();

      assertThat(committed).as("before call " + n).hasSizeLessThanOrEqualTo(1);
      assertThat(StoreFixture.names(one)).isEqualTo(committed);
      StoreFixture.collect(one);
      for (String name : committed) {
        assertThat(one.verify(name, VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
      }
      one.close().block(LONG);
      two.close().block(LONG);
      fresh.close().block(LONG);
    }
  }
}
