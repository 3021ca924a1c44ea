package io.ringkernel.checkpoint.examples;

import static java.util.Map.entry;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The direction of the modules, as the design draws it, read from the compiled descriptors. */
class ModuleDirectionTest {
  private static final String API = "io.ringkernel.checkpoint";

  /** What each module may require of its siblings; these are all but the programs. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          entry(API, Set.of()),
          entry(API + ".tck", Set.of(API)),
          entry(API + ".format", Set.of(API)),
          entry(API + ".compression.lz4", Set.of(API)),
          entry(API + ".compression.zstd", Set.of(API)),
          entry(API + ".storage.memory", Set.of(API)),
          entry(API + ".storage.file", Set.of(API)),
          entry(API + ".core", Set.of(API, API + ".format")),
          entry(API + ".examples", Set.of(API, API + ".format", API + ".core")));

  @Test
  void requiresOnlySiblingsTheDesignAllows() {
    Map<String, Set<String>> required =
        descriptors().collect(toMap(ModuleDescriptor::name, ModuleDirectionTest::siblings));

    assertThat(required.keySet()).isEqualTo(ALLOWED.keySet());
    assertThat(required)
        .allSatisfy((module, siblings) -> assertThat(siblings).isSubsetOf(ALLOWED.get(module)));
  }

  private static Stream<ModuleDescriptor> descriptors() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> entry.contains("ringkernel-checkpoint-") || entry.endsWith("classes"))
        .flatMap(entry -> ModuleFinder.of(Path.of(entry)).findAll().stream())
        .map(found -> found.descriptor())
        .filter(descriptor -> isOurs(descriptor.name()));
  }

  private static Set<String> siblings(ModuleDescriptor descriptor) {
    return descriptor.requires().stream()
        .map(ModuleDescriptor.Requires::name)
        .filter(ModuleDirectionTest::isOurs)
        .collect(toSet());
  }

  private static boolean isOurs(String module) {
    return module.equals(API) || module.startsWith(API + ".");
  }
}
