package consumer;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.PeriodicSaves;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Function;

/** Saves and restores a kernel, and closes what it opened; loaded by class loaders of its own. */
public final class Application implements Function<String, String> {
  /**
   * @param store the URI
   * @return the name of the checkpoint that was restored
   */
  @Override
  public String apply(String store) {
    ByteBuffer field = ByteBuffer.allocateDirect(1 << 20).putInt(0, 42);
    AdaptedKernel kernel =
        KernelAdapters.named("host")
            .adapt(
                KernelDescriptor.builder("wave-0", "wave")
                    .region("field", new KernelMemory.Host(field))
                    .standsStill()
                    .build());
    Checkpointer checkpointer = Checkpointer.open(store);
    try {
      checkpointer.every(PeriodicSaves.every(Duration.ofMillis(1)), kernel).take(2).blockLast();
      field.putInt(0, 0);
      String restored = checkpointer.restoreLatest(kernel).block().checkpoint().name();
      if (field.getInt(0) != 42) {
        throw new IllegalStateException("the field holds " + field.getInt(0));
      }
      return restored;
    } finally {
      checkpointer.close().block();
      kernel.close().block();
    }
  }
}
