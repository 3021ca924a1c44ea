package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** The storage as a module, with the SDK as modules, found by its scheme and used. */
class ModulePathTest {
  private static final String MODULE = "io.ringkernel.checkpoint.storage.s3";

  /** What the module needs, of the class path of this test. */
  private static final List<String> NEEDED =
      List.of(
          "storage-s3/target",
          "ringkernel-checkpoint-api",
          "api/target",
          "reactor-core",
          "reactive-streams",
          "jspecify",
          "awssdk",
          "netty",
          "slf4j-api");

  @Test
  void isFoundAndWorksOnTheModulePath() throws Exception {
    try (S3Server server = new S3Server()) {
      server.bucket().putForeign("some/where/a", new byte[3]);
      ClassLoader loader = layer().findLoader(MODULE);
      Class<?> provider = loader.loadClass(S3StorageProvider.class.getName());
      assertThat(provider).isNotSameAs(S3StorageProvider.class);
      assertThat(provider.getModule().getName()).isEqualTo(MODULE);

      Object storage =
          in(loader, CheckpointStorages.class, "open", String.class)
              .invoke(null, server.uri("some/where"));
      Object listing =
          in(loader, CheckpointStorage.class, "list", String.class).invoke(storage, "");
      Method blockLast = in(loader, Flux.class, "blockLast", Duration.class);
      assertThat(blockLast.invoke(listing, Duration.ofSeconds(30))).hasToString(found(server));
    }
  }

  private static String found(S3Server server) throws Exception {
    S3Storage storage = server.open("some/where");
    try {
      return String.valueOf(storage.stat("a").block(Duration.ofSeconds(30)));
    } finally {
      storage.close().block(Duration.ofSeconds(30));
    }
  }

  private static ModuleLayer layer() {
    Path[] path =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.endsWith("test-classes"))
            .filter(entry -> NEEDED.stream().anyMatch(entry::contains))
            .map(Path::of)
            .toArray(Path[]::new);
    ModuleLayer boot = ModuleLayer.boot();
    Configuration modules =
        boot.configuration()
            .resolveAndBind(ModuleFinder.of(path), ModuleFinder.of(), Set.of(MODULE));
    return boot.defineModulesWithOneLoader(modules, ClassLoader.getPlatformClassLoader());
  }

  private static Method in(ClassLoader loader, Class<?> type, String name, Class<?> parameter)
      throws ReflectiveOperationException {
    return loader.loadClass(type.getName()).getMethod(name, parameter);
  }
}
