package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.codec.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A group whose members are in two processes, on a store of files. */
@Timeout(180)
class TwoProcessGroupTest {
  private static final GroupRequest GROUP =
      GroupRequest.of("g").pollInterval(Duration.ofMillis(10)).joinedBy("right");

  @TempDir Path folder;
  private Checkpointer checkpointer;
  private final StampingKernel left = new StampingKernel("left").start();

  @BeforeEach
  void open() {
    checkpointer = Checkpointer.open(folder.toUri().toString());
  }

  @AfterEach
  void close() {
    left.close();
    checkpointer.close().block(LONG);
  }

  private CompletableFuture<List<String>> member(String end) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return ChildJvm.run(
                GroupMember.class, List.of("-Xmx128m"), folder.toUri().toString(), end);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void isCommittedWithTheMemberOfTheOtherProcess() throws Exception {
    CompletableFuture<List<String>> child = member("saved");

    GroupReceipt receipt = checkpointer.groups().save(GROUP, List.of(left.kernel())).block(LONG);

    assertThat(child.get(120, TimeUnit.SECONDS)).containsExactly(receipt.name(), "true");
    assertThat(checkpointer.verify(receipt.name(), VerifyDepth.FULL).block(LONG).isWhole())
        .isTrue();
    try (StampingKernel right = new StampingKernel("right").start()) {
      List<QuiescableKernel> both = List.of(left.kernel(), right.kernel());
      GroupRestoreReceipt restored =
          checkpointer.groups().restore(receipt.name(), both).block(LONG);
      assertThat(restored.group().members()).hasSize(2);
      assertThat(left.runs()).isTrue();
      assertThat(right.runs()).isTrue();
    }
  }

  @Test
  void namesTheMemberThatIsKilledWhileItStandsStill() throws Exception {
    CompletableFuture<List<String>> child = member("quiesced");

    assertThatThrownBy(
            () ->
                checkpointer
                    .groups()
                    .save(GROUP.timeout(Duration.ofSeconds(15)), List.of(left.kernel()))
                    .block(LONG))
        .isInstanceOfSatisfying(
            GroupException.class, e -> assertThat(e.culprit()).contains("right"))
        .hasMessageContaining("no sign of it");

    assertThat(child.get(120, TimeUnit.SECONDS)).isEmpty();
    assertThat(left.runs()).isTrue();
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
  }
}
