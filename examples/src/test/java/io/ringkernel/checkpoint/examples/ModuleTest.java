package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleTest {
  @Test
  void exportsItsPackageAndNeedsNoDesktop() throws Exception {
    Path classes =
        Path.of(WaveKernel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module =
        ModuleFinder.of(classes)
            .find("io.ringkernel.checkpoint.examples")
            .orElseThrow()
            .descriptor();

    assertThat(module.exports())
        .extracting(ModuleDescriptor.Exports::source)
        .containsExactly("io.ringkernel.checkpoint.examples");
    assertThat(module.requires())
        .extracting(ModuleDescriptor.Requires::name)
        .contains("io.ringkernel.checkpoint")
        .doesNotContain("java.desktop");
  }
}
