package io.ringkernel.checkpoint.internal;

import java.lang.ref.WeakReference;
import java.security.CodeSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The class loaders in which providers were looked for: this library's, and the context class
 * loader of the thread that asked. That one is not kept: what was found may be used for longer than
 * the application lasts on whose thread it was.
 */
final class SearchedLoaders {
  private static final ClassLoader OWN = SearchedLoaders.class.getClassLoader();

  /** Nothing was looked for. */
  static final SearchedLoaders NONE = new SearchedLoaders(null, null);

  private final @Nullable Class<?> service;
  private final WeakReference<@Nullable ClassLoader> context;

  private SearchedLoaders(@Nullable Class<?> service, @Nullable ClassLoader context) {
    this.service = service;
    this.context = new WeakReference<>(context);
  }

  static SearchedLoaders ofThisThread(Class<?> service) {
    return new SearchedLoaders(service, Thread.currentThread().getContextClassLoader());
  }

  /** Each of them once. */
  List<ClassLoader> each() {
    if (service == null) {
      return List.of();
    }
    ClassLoader other = context.get();
    return other == null || other == OWN ? List.of(OWN) : List.of(OWN, other);
  }

  /**
   * Whether one of them has a file.
   *
   * @param resource its path in a jar
   */
  boolean have(String resource) {
    return each().stream().anyMatch(loader -> loader.getResource(resource) != null);
  }

  /**
   * Says where was looked when that may have been the wrong place: a thread whose context class
   * loader does not even lead to this library is hardly one of the application's own.
   */
  String doubt() {
    ClassLoader other = context.get();
    if (service == null || leads(other, service)) {
      return "";
    }
    return "; searched with the class loaders of this library ("
        + name(OWN)
        + ") and of this thread ("
        + (other == null ? "none" : name(other))
        + "), which does not lead to the library: to search another class loader, make it the"
        + " context class loader of the thread";
  }

  /** By loading, as a loader of a module layer has ways that are not its parents. */
  private static boolean leads(@Nullable ClassLoader loader, Class<?> type) {
    try {
      return loader == OWN
          || (loader != null && Class.forName(type.getName(), false, loader) == type);
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** The jar or directory of a class, or its class loader where that is not known. */
  static String origin(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source != null && source.getLocation() != null
        ? source.getLocation().toString()
        : name(type.getClassLoader());
  }

  private static String name(@Nullable ClassLoader loader) {
    String given = loader == null ? null : loader.getName();
    return given == null ? String.valueOf(loader) : "'" + given + "'";
  }
}
