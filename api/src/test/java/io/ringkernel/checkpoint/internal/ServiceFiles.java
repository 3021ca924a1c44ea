package io.ringkernel.checkpoint.internal;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/** A class path of one more directory, which announces providers of a service. */
public final class ServiceFiles {
  private ServiceFiles() {}

  /** What {@code work} gives while the thread's class loader also sees these provider names. */
  public static <T> T announcing(
      Path directory, Class<?> service, List<String> providers, Callable<T> work) throws Exception {
    write(directory, service, providers);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] urls = {directory.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(urls, before)) {
      thread.setContextClassLoader(loader);
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static void write(Path directory, Class<?> service, List<String> providers)
      throws IOException {
    Path file = directory.resolve("META-INF/services").resolve(service.getName());
    Files.createDirectories(file.getParent());
    Files.write(file, providers);
  }
}
