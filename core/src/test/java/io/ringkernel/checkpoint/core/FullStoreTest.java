package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.StoreFixture.AT_ONCE;
import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** A store without room for one byte more can be made empty again. */
@Timeout(120)
class FullStoreTest {
  private final BoundedStorage storage = new BoundedStorage();
  private final Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();

  @BeforeEach
  void fill() {
    for (int i = 1; i <= 3; i++) {
      checkpointer.save("n" + i, TestStates.of("fdtd", i)).block(LONG);
    }
    storage.leave(0);
    assertThatThrownBy(() -> checkpointer.save("n4", TestStates.of("fdtd", 4)).block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no space left");
    assertThat(storage.free()).isZero();
  }

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @Test
  void deletesWithoutWriting() {
    assertThat(checkpointer.delete("n1").block(LONG)).isTrue();

    assertThat(storage.free()).isEqualTo(1);
    assertThat(checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactly("n2", "n3");
  }

  @Test
  void givesUpItsReserveWhereADeletionTakesANote() {
    storage.deletesLate();
    Checkpointer another = Checkpointer.builder(storage).parallelism(1).build();

    assertThat(another.delete("n1").block(LONG)).isTrue();

    assertThat(another.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactly("n2", "n3");
    assertThat(storage.exists("n1").block(LONG)).isFalse();
    another.close().block(LONG);
  }

  @Test
  void givesUpItsReserveToPruneAndCollect() {
    RetentionPolicy last = RetentionPolicy.builder().keepLast(1).build();
    assertThat(checkpointer.prune(last).block(LONG).decisions())
        .filteredOn(decision -> decision.fate() == PruneReport.Fate.REMOVED)
        .hasSize(2);

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.removed()).hasSize(2);
    assertThat(checkpointer.journal().count().block(LONG)).isEqualTo(2);
    assertThat(storage.free()).isGreaterThan(50);
    assertThat(storage.exists(StoreNames.RESERVE).block(LONG)).isTrue();
    assertThat(checkpointer.verify("n3", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
    checkpointer.save("n4", TestStates.of("fdtd", 4, 50_000)).block(LONG);
  }

  @Test
  void givesUpItsReserveToRepairAHead() {
    storage.delete(StoreNames.head("fdtd")).block(LONG);
    storage.leave(0);

    assertThat(checkpointer.repair("fdtd").block(LONG).newest()).isEqualTo("n3");

    checkpointer.delete("n1").block(LONG);
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(storage.exists(StoreNames.RESERVE).block(LONG)).isTrue();
  }

  @Test
  void givesUpItsReserveToCollectWhatFailedSavesLeft() {
    SmallObjects small = new SmallObjects(storage);
    storage.leave(1);
    small.write(StoreNames.object(ObjectId.random()), new byte[1], null).block(LONG);

    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(1);
    assertThat(storage.free()).isGreaterThan(50);
  }

  @Test
  void collectsAFewAtOnceWhenThereIsNoRoomToNameAll() {
    storage.leave(20_000);
    SmallObjects small = new SmallObjects(storage);
    Flux.range(0, 12_000)
        .concatMap(i -> small.write(StoreNames.object(ObjectId.random()), new byte[1], null))
        .blockLast(LONG);
    storage.leave(0);

    CollectReport report = checkpointer.collect(AT_ONCE).block(LONG);

    assertThat(report.removed()).hasSize(Removal.FEW);
    assertThat(report.condemned()).hasSize(12_000 - Removal.FEW);
    assertThat(report.notes()).singleElement().asString().contains("collect again");
    assertThat(storage.list(StoreNames.TOMBSTONES).count().block(LONG)).isZero();
    assertThat(checkpointer.collect(AT_ONCE).block(LONG).removed()).hasSize(12_000 - Removal.FEW);
    assertThat(checkpointer.verify("n3", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
  }

  @Test
  void saysWhatItsStorageSaysWhenTheReserveIsGoneToo() {
    checkpointer.delete("n1").block(LONG);
    storage.delete(StoreNames.RESERVE, null).block(LONG);
    storage.leave(0);

    assertThatThrownBy(() -> checkpointer.collect(AT_ONCE).block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no space left");
  }

  /** A file system of 4 MiB of its own, where the system lets us have one. */
  @Test
  void canBeMadeEmptyOnADiskThatIsReallyFull(@TempDir Path folder) throws Exception {
    List<String> mounted =
        List.of("unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=4m tmpfs \"$0\"");
    assumeThat(succeeds(mounted, folder)).as("a file system can be mounted").isTrue();

    List<String> told = FullDisk.inItsOwnFileSystem(folder);

    assertThat(told).containsExactly("full", "deleted", "collected", "saved", "whole");
  }

  private static boolean succeeds(List<String> command, Path folder) throws InterruptedException {
    try {
      List<String> all = new java.util.ArrayList<>(command);
      all.add(folder.toString());
      Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (java.io.IOException e) {
      return false;
    }
  }
}
