package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The module's face: what others compile against and can extend. */
class ModuleTest {
  private final ModuleDescriptor module = compiled();

  private static ModuleDescriptor compiled() {
    try {
      Path classes =
          Path.of(Checkpoint.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return ModuleFinder.of(classes).find("io.ringkernel.checkpoint").orElseThrow().descriptor();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void exportsEverythingButItsInternals() {
    String base = "io.ringkernel.checkpoint";

    assertThat(module.exports())
        .filteredOn(export -> !export.isQualified())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactlyInAnyOrder(
            base,
            base + ".compression",
            base + ".error",
            base + ".kernel",
            base + ".kernel.adapter",
            base + ".storage",
            base + ".storage.blocking");
    assertThat(module.exports())
        .filteredOn(ModuleDescriptor.Exports::isQualified)
        .singleElement()
        .satisfies(
            export -> {
              assertThat(export.source()).isEqualTo(base + ".internal");
              assertThat(export.targets())
                  .containsExactlyInAnyOrder(
                      base + ".format", base + ".core", base + ".gpu.cuda", base + ".cli");
            });
    assertThat(module.isOpen()).isFalse();
    assertThat(module.opens()).isEmpty();
  }

  @Test
  void looksUpThreeKindsOfProvidersAndIsNone() {
    assertThat(module.uses())
        .containsExactlyInAnyOrder(
            CompressionCodecProvider.class.getName(),
            KernelAdapterProvider.class.getName(),
            CheckpointStorageProvider.class.getName());
    assertThat(module.provides()).isEmpty();
  }

  @Test
  void needsReactorAndNothingElseAtRunTime() {
    Set<Requires.Modifier> transitive = Set.of(Requires.Modifier.TRANSITIVE);

    assertThat(module.requires())
        .filteredOn(requires -> !requires.modifiers().contains(Requires.Modifier.MANDATED))
        .filteredOn(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
        .allSatisfy(requires -> assertThat(requires.modifiers()).isEqualTo(transitive))
        .extracting(Requires::name)
        .containsExactlyInAnyOrder("reactor.core", "org.reactivestreams");
  }
}
