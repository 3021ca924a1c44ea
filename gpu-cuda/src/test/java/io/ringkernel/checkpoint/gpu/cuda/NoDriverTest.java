package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.kernel.KernelAdapters;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.codec.ChildJvm;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A machine without a CUDA driver is told so, in one sentence, as often as one asks. */
class NoDriverTest {
  /** In a JVM of its own: no other test has put the stand-in in the driver's place there. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      for (int i = 0; i < 2; i++) {
        tell(() -> KernelAdapters.named("cuda"));
        tell(
            () ->
                new CudaKernelAdapterProvider()
                    .adapt(
                        KernelDescriptor.builder("k", "t")
                            .controlBlock(new KernelMemory.Host(ByteBuffer.allocate(8)))
                            .standsStill()
                            .build()));
      }
    }

    private static void tell(Runnable call) {
      try {
        call.run();
      } catch (CheckpointException e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  @Test
  void saysSoEveryTime() throws Exception {
    boolean present =
        List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib").stream()
            .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    Assumptions.assumeFalse(present, "this machine has a CUDA driver");

    List<String> said = ChildJvm.run(Child.class, List.of());

    String reason = "no CUDA driver on this machine: ";
    assertThat(said).hasSize(4);
    assertThat(said.get(0))
        .startsWith("ProviderUnavailableException: kernel adapter 'cuda' can't be used: " + reason)
        .contains("libcuda.so.1");
    assertThat(said.get(1)).startsWith("KernelException: kernel 'k', adapt: " + reason);
    assertThat(said.subList(2, 4)).isEqualTo(said.subList(0, 2));
  }
}
