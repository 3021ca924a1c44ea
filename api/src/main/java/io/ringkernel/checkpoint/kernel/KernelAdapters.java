package io.ringkernel.checkpoint.kernel;

import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import io.ringkernel.checkpoint.internal.Providers;
import java.util.Map;

/** Finds the adapters that are installed, by name. */
public final class KernelAdapters {
  private static final Map<String, String> ARTIFACTS = Map.of("host", "core", "cuda", "gpu-cuda");

  private KernelAdapters() {}

  /**
   * The adapter with this name.
   *
   * @param name for example {@code "cuda"}
   * @throws ProviderUnavailableException when there is none, or more than one, or it can't work on
   *     this machine, with the reason
   */
  public static KernelAdapterProvider named(String name) {
    String wanted = "kernel adapter '" + name + "'";
    Providers<KernelAdapterProvider> providers = Providers.load(KernelAdapterProvider.class);
    KernelAdapterProvider adapter =
        providers.only(
            wanted,
            providers.names(KernelAdapterProvider::name),
            provider -> provider.name().equals(name),
            ARTIFACTS.get(name),
            (message, cause) -> new ProviderUnavailableException(name, message, cause));
    adapter
        .unavailable()
        .ifPresent(
            reason -> {
              throw new ProviderUnavailableException(
                  name, wanted + " can't be used: " + reason, null);
            });
    return adapter;
  }
}
