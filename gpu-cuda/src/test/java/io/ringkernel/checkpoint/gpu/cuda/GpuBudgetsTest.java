package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** That the budgets can be measured; on the stand-in the figures say nothing of a GPU. */
@ExtendWith(OnStandIn.class)
@Timeout(180)
class GpuBudgetsTest {
  @Test
  void measuresEveryBudgetOfTheDesign(@TempDir Path directory) {
    List<Budget> all =
        GpuBudgets.measure(new GpuBudgets.Settings(16 << 20, 16 << 20, "file:" + directory, 1, 1));

    assertThat(all)
        .extracting(Budget::budget)
        .containsExactly(0.95, 0.85, 0.95, 0.85, 1.2, 0.7, 1.2, 0.7, 20.0);
    assertThat(all)
        .allSatisfy(each -> assertThat(each.ours()).isPositive())
        .allSatisfy(each -> assertThat(each.limit()).isPositive())
        .allSatisfy(each -> assertThat(each.ratio()).isPositive().isFinite());
    assertThat(Budget.table(all).lines()).hasSize(10).allMatch(line -> !line.isBlank());
  }

  @Test
  void saysWhetherABudgetIsMet() {
    Budget least = Budget.ofRates("a", "b", List.of(new long[] {10, 9}), 100, 100, 0.95);
    Budget most = Budget.ofTimes("a", "b", List.of(new long[] {11, 10}), 1.2);

    assertThat(least.ratio()).isEqualTo(0.9);
    assertThat(least.isMet()).isFalse();
    assertThat(most.ratio()).isEqualTo(1.1);
    assertThat(most.isMet()).isTrue();
    assertThat(Budget.table(List.of(least, most))).contains("MISSED").contains(" met");
    assertThat(most.json()).contains("\"ratio\": 1.1000").contains("\"met\": true");
  }
}
