package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The library in the class loaders and module layers of application servers and plugin hosts. */
@Timeout(120)
class ClassLoadersTest {
  private static final ClassLoader SYSTEM = ClassLoader.getSystemClassLoader();
  private static final ClassLoader PLATFORM = ClassLoader.getPlatformClassLoader();
  private static final Predicate<Path> STORAGE = path -> path.toString().contains("storage-file");
  private static final Predicate<Path> TESTS = path -> Files.isDirectory(path);

  @TempDir Path store;

  @Test
  void findsItsProvidersOnThreadsThatKnowNothingOfTheApplication() throws Exception {
    try (URLClassLoader application = loader("application", PLATFORM, path -> true)) {
      for (ClassLoader context : new ClassLoader[] {application, SYSTEM, PLATFORM, null}) {
        assertTrue(on(context, () -> run(application)).startsWith("wave-0/"));
      }
    }
  }

  @Test
  void findsBackendsOfALaterClassLoaderThroughTheThread() throws Exception {
    try (URLClassLoader library = loader("library", PLATFORM, STORAGE.or(TESTS).negate());
        URLClassLoader plugin = loader("plugin", library, STORAGE.or(TESTS))) {
      assertTrue(on(plugin, () -> run(plugin)).startsWith("wave-0/"));

      RuntimeException e = assertThrows(RuntimeException.class, () -> on(null, () -> run(plugin)));
      assertEquals(
          "storage scheme 'file' is not on the class path:"
              + " add io.ringkernel:ringkernel-checkpoint-storage-file; present: none;"
              + " searched with the class loaders of this library ('library') and of this thread"
              + " (none), which does not lead to the library: to search another class loader, make"
              + " it the context class loader of the thread",
          e.getMessage());
    }
  }

  @Test
  void leavesNothingOfAnApplicationThatIsUnloaded() throws Exception {
    WeakReference<ClassLoader> unloaded = new WeakReference<>(useAndClose());

    // The threads that copy host memory rest for ten seconds before they end.
    while (unloaded.get() != null) {
      forgetTheLastRecord();
      System.gc();
      Thread.sleep(200);
    }
  }

  private ClassLoader useAndClose() throws Exception {
    try (URLClassLoader application = loader("application", PLATFORM, path -> true)) {
      on(application, () -> run(application));
      return application;
    }
  }

  /** The JDK itself keeps the record class that was compared last, and its class loader. */
  private static void forgetTheLastRecord() {
    record Pair(Object first, String second) {}
    assertEquals(new Pair(1, "a"), new Pair(1, "a"));
    assertEquals(new Pair(1, "a").hashCode(), new Pair(1, "a").hashCode());
    assertEquals("Pair[first=1, second=a]", new Pair(1, "a").toString());
  }

  @Test
  void findsItsProvidersInAModuleLayerWithOneLoaderOrMany() throws Exception {
    ModuleFinder modules = ModuleFinder.of(libraries(path -> true).toArray(Path[]::new));
    Configuration all =
        ModuleLayer.boot()
            .configuration()
            .resolveAndBind(
                ModuleFinder.of(), modules, Set.of("io.ringkernel.checkpoint.core"));

    openAndClose(ModuleLayer.boot().defineModulesWithOneLoader(all, PLATFORM), null);
    openAndClose(ModuleLayer.boot().defineModulesWithManyLoaders(all, PLATFORM), null);
  }

  @Test
  void findsBackendsOfALaterModuleLayerThroughTheThread() throws Exception {
    ModuleLayer library =
        layer(ModuleLayer.boot(), STORAGE.negate(), "io.ringkernel.checkpoint.core");
    ModuleLayer backends = layer(library, STORAGE, "io.ringkernel.checkpoint.storage.file");

    openAndClose(library, backends.findLoader("io.ringkernel.checkpoint.storage.file"));
    Throwable e =
        assertThrows(InvocationTargetException.class, () -> openAndClose(library, SYSTEM))
            .getCause();
    assertTrue(e.getMessage().contains("which does not lead to the library"), e.getMessage());
  }

  private static ModuleLayer layer(ModuleLayer parent, Predicate<Path> which, String root) {
    ModuleFinder modules = ModuleFinder.of(libraries(which).toArray(Path[]::new));
    return parent.defineModulesWithOneLoader(
        parent.configuration().resolve(ModuleFinder.of(), modules, Set.of(root)), PLATFORM);
  }

  private void openAndClose(ModuleLayer library, ClassLoader context) throws Exception {
    Class<?> type =
        library
            .findLoader("io.ringkernel.checkpoint.core")
            .loadClass("io.ringkernel.checkpoint.core.Checkpointer");
    Object checkpointer =
        on(context, () -> type.getMethod("open", String.class).invoke(null, "file:" + store));
    Object closed = type.getMethod("close").invoke(checkpointer);
    library.findLoader("reactor.core").loadClass("reactor.core.publisher.Mono")
        .getMethod("block").invoke(closed);
  }

  @SuppressWarnings("unchecked")
  private String run(ClassLoader application) throws Exception {
    Object made =
        application.loadClass(Application.class.getName()).getConstructor().newInstance();
    return ((Function<String, String>) made).apply("file:" + store);
  }

  private static <T> T on(ClassLoader context, Callable<T> work) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(context);
    try {
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static Stream<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(path -> !path.toString().matches(".*(junit|opentest4j|apiguardian|surefire).*"));
  }

  private static List<Path> libraries(Predicate<Path> which) {
    return classPath().filter(TESTS.negate().and(which)).toList();
  }

  private static URLClassLoader loader(String name, ClassLoader parent, Predicate<Path> which)
      throws Exception {
    List<URL> urls = new ArrayList<>();
    for (Path path : classPath().filter(which).toList()) {
      urls.add(path.toUri().toURL());
    }
    return new URLClassLoader(name, urls.toArray(URL[]::new), parent);
  }
}
