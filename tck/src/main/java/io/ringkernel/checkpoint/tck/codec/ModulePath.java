package io.ringkernel.checkpoint.tck.codec;

import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * The providers on a module path, for tests that run on the class path.
 *
 * <p>The modules are loaded once more, in a layer of their own, so what is found has the same class
 * names as on the class path but not the same classes.
 */
public final class ModulePath {
  private ModulePath() {}

  /**
   * The providers of a service that a module on a module path offers.
   *
   * @param module the module's name, which is the only root
   * @param service the service
   * @param places a class of each jar or folder on the module path: the module's own and those that
   *     it requires, directly or not
   * @throws java.lang.module.ResolutionException when the modules do not fit together
   */
  public static List<ServiceLoader.Provider<?>> providers(
      String module, Class<?> service, Class<?>... places) {
    ModuleLayer boot = ModuleLayer.boot();
    Path[] path = Arrays.stream(places).map(ModulePath::placeOf).distinct().toArray(Path[]::new);
    Configuration modules =
        boot.configuration()
            .resolveAndBind(ModuleFinder.of(path), ModuleFinder.of(), Set.of(module));
    ModuleLayer layer =
        boot.defineModulesWithOneLoader(modules, ClassLoader.getPlatformClassLoader());
    return load(layer, sameIn(layer.findLoader(module), service));
  }

  private static <S> List<ServiceLoader.Provider<?>> load(ModuleLayer layer, Class<S> service) {
    return List.copyOf(
        ServiceLoader.load(layer, service).stream()
            .filter(provider -> provider.type().getModule().getLayer() == layer)
            .toList());
  }

  private static Class<?> sameIn(ClassLoader loader, Class<?> type) {
    try {
      return loader.loadClass(type.getName());
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(type + " is not in the modules given", e);
    }
  }

  private static Path placeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(type + " lies in no file", e);
    }
  }
}
