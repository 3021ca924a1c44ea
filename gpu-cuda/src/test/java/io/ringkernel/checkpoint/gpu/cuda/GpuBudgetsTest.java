package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.gpu.cuda.Budget.Goal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** That the budgets can be measured; on the stand-in the figures say nothing of a GPU. */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class GpuBudgetsTest {
  private static final long SIZE = 16 << 20;

  @TempDir private Path directory;
  private final ByteArrayOutputStream people = new ByteArrayOutputStream();
  private Path file;
  private BudgetReport report;

  @BeforeEach
  void begin() {
    file = directory.resolve("budgets.json");
    report =
        new BudgetReport(
            file, "\"device\": \"none\"", new PrintStream(people, true, StandardCharsets.UTF_8));
  }

  private static GpuBudgets.Settings settings(List<Long> states, String store) {
    return new GpuBudgets.Settings(states, SIZE, store, 1, 1);
  }

  private List<Double> bounds() {
    return report.budgets().stream()
        .map(Budget::goal)
        .filter(Objects::nonNull)
        .map(Goal::bound)
        .toList();
  }

  @Test
  void measuresEveryBudgetOfTheDesign() throws IOException {
    GpuBudgets.measure(settings(List.of(SIZE), "file:" + directory.resolve("store")), report);

    assertThat(report.finish()).isTrue();
    assertThat(bounds())
        .containsExactly(
            0.95, 0.85, 1.2, 0.7, 0.95, 0.85, 1.2, 0.7, 0.95, 0.85, 0.95, 0.85, 0.95, 0.85, 20.0);
    assertThat(report.budgets())
        .hasSize(15 + 4)
        .allSatisfy(each -> assertThat(each.ours()).isPositive())
        .allSatisfy(each -> assertThat(each.limit()).isPositive())
        .allSatisfy(each -> assertThat(each.ratio()).isPositive().isFinite());
    assertThat(Files.readString(file))
        .startsWith("{\"device\": \"none\", \"finished\": true, \"failed\": [], ")
        .contains("\"what\": \"16 MiB: restore from pinned memory, 4 buffers of 4 MiB\"")
        .contains("\"what\": \"16 MiB: reading it into the host's memory\"");
  }

  /** What was measured before is not lost, and what comes after is measured all the same. */
  @Test
  void keepsWhatItHasWhenAPartFails() throws IOException {
    GpuBudgets.measure(settings(List.of(100 * SIZE, SIZE), "nosuch:store"), report);

    assertThat(Files.readString(file))
        .contains("\"finished\": false, \"failed\": [\"1600 MiB\", \"saves\"], ")
        .contains("\"what\": \"16 MiB: stall with a shadow, by its own blocks\"");
    assertThat(people.toString(StandardCharsets.UTF_8))
        .contains("1600 MiB FAILED", "saves FAILED", "nosuch");
    assertThat(bounds()).hasSize(14);
    assertThat(report.finish()).isFalse();
  }

  @Test
  void saysWhetherABudgetIsMet() {
    List<long[]> slower = List.of(new long[] {10, 9});
    Budget least = Budget.ofRates("a", "b", slower, 100, 100, Goal.least(0.95));
    Budget most = Budget.ofTimes("a", "b", List.of(new long[] {11, 10}), Goal.most(1.2));
    Budget none = Budget.ofRates("a", "b", slower, 100, 100, null);

    assertThat(least.ratio()).isEqualTo(0.9);
    assertThat(least.isMet()).isFalse();
    assertThat(most.ratio()).isEqualTo(1.1);
    assertThat(most.isMet()).isTrue();
    assertThat(least.line()).contains(">= 0.95").contains("MISSED");
    assertThat(most.line()).contains("<= 1.20").contains(" met");
    assertThat(none.line()).doesNotContain("MISSED").doesNotContain("met");
    assertThat(most.json()).contains("\"ratio\": 1.1000").contains("\"met\": true");
    assertThat(none.json()).endsWith("\"ratio\": 0.9000}");
  }
}
