package io.ringkernel.checkpoint.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import io.ringkernel.checkpoint.internal.ServiceFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelAdaptersTest {
  @TempDir private Path directory;

  @Test
  void findsAnAdapterThatWorks() throws Exception {
    assertThat(named("stub", Working.class)).isInstanceOf(Working.class);
  }

  @Test
  void saysWhyAnInstalledAdapterCanNotWorkHere() {
    assertThatThrownBy(() -> named("cuda", WithoutDevice.class))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessage("kernel adapter 'cuda' can't be used: there is no CUDA device");
  }

  @Test
  void saysWhichArtifactIsMissingAndWhatIsPresent() {
    assertThatThrownBy(() -> named("cuda", Working.class))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessage(
            "kernel adapter 'cuda' is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-gpu-cuda; present: stub");
    assertThatThrownBy(() -> KernelAdapters.named("host"))
        .hasMessage(
            "kernel adapter 'host' is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-core; present: none");
    assertThatThrownBy(() -> KernelAdapters.named("metal"))
        .hasMessage("kernel adapter 'metal' is not on the class path; present: none");
  }

  private KernelAdapterProvider named(String name, Class<?> provider) throws Exception {
    return ServiceFiles.announcing(
        directory,
        KernelAdapterProvider.class,
        List.of(provider.getName()),
        () -> KernelAdapters.named(name));
  }

  /** An adapter that is available. */
  public static final class Working implements KernelAdapterProvider {
    @Override
    public String name() {
      return "stub";
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.empty();
    }

    @Override
    public AdaptedKernel adapt(KernelDescriptor descriptor) {
      throw new KernelException(
          descriptor.kernelId(), KernelException.Phase.ADAPT, "it adapts nothing", null);
    }
  }

  /** An adapter on a machine without a device. */
  public static final class WithoutDevice implements KernelAdapterProvider {
    @Override
    public String name() {
      return "cuda";
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.of("there is no CUDA device");
    }

    @Override
    public AdaptedKernel adapt(KernelDescriptor descriptor) {
      throw new AssertionError("asked although it is unavailable");
    }
  }
}
