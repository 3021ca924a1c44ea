package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.DetachedThreads;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import org.junit.jupiter.api.Test;

class WorkbenchTest {
  @Test
  void keepsNeitherThreadsNorMemoryOnceItIsDisposedOf() {
    Workbench bench =
        new Workbench(
            DetachedThreads.parallel("test-bench", 1),
            1,
            new BufferPool(1_000, 2_000),
            CompressionCodecs.of());
    try (OwnedBuffer direct = bench.buffers().acquire()) {
      assertThat(direct.buffer().isDirect()).isTrue();

      bench.dispose();
    }

    assertThat(bench.workers().isDisposed()).isTrue();
    try (OwnedBuffer late = bench.buffers().acquire()) {
      assertThat(late.buffer().isDirect()).isFalse();
    }
  }
}
