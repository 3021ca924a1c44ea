package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.GroupReceipt;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** The group "room" of two kernels at step 7, whose states are "below" and "above it". */
final class SavedGroup {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private SavedGroup() {}

  static GroupReceipt in(String store, String lower, String upper) {
    Checkpointer checkpointer = Checkpointer.open(store);
    try {
      return checkpointer
          .groups()
          .save("room", List.of(kernel(lower, "below"), kernel(upper, "above it")))
          .block(PATIENCE);
    } finally {
      checkpointer.close().block(PATIENCE);
    }
  }

  private static QuiescableKernel kernel(String id, String state) {
    ByteBuffer memory = ByteBuffer.wrap(state.getBytes(StandardCharsets.US_ASCII));
    return KernelAdapters.named("host")
        .adapt(
            KernelDescriptor.builder(id, "half")
                .region("field", new KernelMemory.Host(memory))
                .step(() -> 7)
                .standsStill()
                .build());
  }
}
