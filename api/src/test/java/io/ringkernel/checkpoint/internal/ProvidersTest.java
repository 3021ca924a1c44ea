package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest {
  @TempDir private Path directory;

  /** A service whose only provider, announced on the tests' class path, is missing. */
  interface Service {}

  /** A service that nobody provides. */
  public interface Wanted {}

  /** Announced nowhere. */
  public static final class Provider implements Wanted {}

  /** Sees the library as everyone does, but has a {@link Provider} of its own. */
  private static final class SecondCopy extends ClassLoader {
    SecondCopy() {
      super(ProvidersTest.class.getClassLoader());
    }

    Object provider() throws Exception {
      String file = Provider.class.getName().replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        byte[] bytes = in.readAllBytes();
        return defineClass(Provider.class.getName(), bytes, 0, bytes.length)
            .getConstructor()
            .newInstance();
      }
    }
  }

  @Test
  void tellsAFailureThatTwoClassLoadersSeeOnce() throws Exception {
    Providers<Service> providers =
        ServiceFiles.announcing(
            directory, Service.class, List.of(), () -> Providers.load(Service.class));

    assertThat(failure(providers, null))
        .hasMessage(
            "service 'x' is not on the class path; present: none; failed to load: "
                + Service.class.getName()
                + ": Provider com.example.Missing not found");
  }

  @Test
  void tellsAnArtifactWithoutItsServiceFileFromOneThatIsMissing() throws Exception {
    // As a jar has them that was merged of several, when all service files but one were dropped.
    Path kept = directory.resolve("META-INF/maven/io.ringkernel/ringkernel-checkpoint-here");
    Files.createDirectories(kept);
    Files.createFile(kept.resolve("pom.properties"));

    try (URLClassLoader merged = loader("merged", ProvidersTest.class.getClassLoader())) {
      Providers<Wanted> providers = on(merged, () -> Providers.load(Wanted.class));

      assertThat(failure(providers, "here"))
          .hasMessage(
              "service 'x' is not found, though ringkernel-checkpoint-here is on the class path:"
                  + " its entries in META-INF/services are missing; what merges jars into one must"
                  + " merge these files (maven-shade-plugin: ServicesResourceTransformer); present:"
                  + " none");
      assertThat(failure(providers, "gone"))
          .hasMessage(
              "service 'x' is not on the class path: add"
                  + " io.ringkernel:ringkernel-checkpoint-gone; present: none");
    }
  }

  @Test
  void saysWhereItLookedOnAThreadWhoseClassLoaderDoesNotLeadToTheLibrary() throws Exception {
    String looked =
        "service 'x' is not on the class path; present: none; searched with the class loaders of"
            + " this library ('app') and of this thread (%s), which does not lead to the library:"
            + " to search another class loader, make it the context class loader of the thread";

    try (URLClassLoader apart = loader("apart", ClassLoader.getPlatformClassLoader())) {
      assertThat(failure(on(apart, () -> Providers.load(Wanted.class)), null))
          .hasMessage(looked, "'apart'");
      assertThat(failure(on(null, () -> Providers.load(Wanted.class)), null))
          .hasMessage(looked, "none");
    }
  }

  @Test
  void tellsTwoOfOneClassNameApartByWhereTheyAreFrom() throws Exception {
    Providers<Object> both = Providers.of(List.of(new Provider(), new SecondCopy().provider()));

    assertThat(failure(both, null).getMessage())
        .startsWith("service 'x' is provided more than once: " + Provider.class.getName() + " of ")
        .contains(
            " of " + Provider.class.getProtectionDomain().getCodeSource().getLocation() + ", ")
        .contains(" of " + SecondCopy.class.getName() + "@")
        .endsWith("; keep one");
  }

  @Test
  @Timeout(60)
  void keepsNoClassLoaderOfTheThreadThatAsked() throws Exception {
    URLClassLoader application = loader("application", ProvidersTest.class.getClassLoader());
    Providers<Wanted> providers = on(application, () -> Providers.load(Wanted.class));
    WeakReference<ClassLoader> unloaded = new WeakReference<>(application);
    application.close();
    application = null;

    while (unloaded.get() != null) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(providers.present()).isEmpty();
  }

  private URLClassLoader loader(String name, ClassLoader parent) throws IOException {
    return new URLClassLoader(name, new URL[] {directory.toUri().toURL()}, parent);
  }

  private static <T> T on(@Nullable ClassLoader context, Callable<T> work) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(context);
    try {
      return work.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static ProviderUnavailableException failure(
      Providers<?> providers, @Nullable String artifact) {
    return catchThrowableOfType(
        ProviderUnavailableException.class,
        () ->
            providers.only(
                "service 'x'",
                List.of(),
                provider -> true,
                artifact,
                (message, cause) -> new ProviderUnavailableException("x", message, cause)));
  }
}
