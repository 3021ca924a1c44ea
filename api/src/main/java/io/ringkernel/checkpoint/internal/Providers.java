package io.ringkernel.checkpoint.internal;

import io.ringkernel.checkpoint.error.CheckpointException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The providers of one service that could be loaded, and what became of the others.
 *
 * <p>A broken provider must not hide the rest, so each one's failure is kept as a value and told
 * only when a look-up finds nothing.
 *
 * @param <P> the provider type
 */
public final class Providers<P> {
  /** A service file that ends in an endless chain of errors must not hang the look-up. */
  private static final int MOST_FAILURES = 64;

  private static final String GROUP = "io.ringkernel";
  private static final String ARTIFACTS = "ringkernel-checkpoint-";

  private final List<P> present;
  private final List<Throwable> failures;
  private final SearchedLoaders searched;

  private Providers(List<P> present, List<Throwable> failures, SearchedLoaders searched) {
    this.present = List.copyOf(present);
    this.failures = List.copyOf(failures);
    this.searched = searched;
  }

  /** Exactly these. */
  public static <P> Providers<P> of(List<P> providers) {
    return new Providers<>(providers, List.of(), SearchedLoaders.NONE);
  }

  /** What the class loaders of the thread and of this library offer. */
  public static <P> Providers<P> load(Class<P> service) {
    List<P> present = new ArrayList<>();
    List<Throwable> failures = new ArrayList<>();
    SearchedLoaders searched = SearchedLoaders.ofThisThread(service);
    for (ClassLoader loader : searched.each()) {
      collect(ServiceLoader.load(service, loader), present, failures);
    }
    return new Providers<>(present, failures, searched);
  }

  private static <P> void collect(
      ServiceLoader<P> loader, List<P> present, List<Throwable> failures) {
    Iterator<P> providers = loader.iterator();
    while (failures.size() < MOST_FAILURES) {
      try {
        if (!providers.hasNext()) {
          return;
        }
        P provider = providers.next();
        // Both class loaders see the same class where one is the other's parent.
        if (present.stream().noneMatch(p -> p.getClass() == provider.getClass())) {
          present.add(provider);
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        failures.add(e);
      }
    }
  }

  /** Those that could be loaded, in the order they were found. */
  public List<P> present() {
    return present;
  }

  /**
   * The names of those that could be loaded, each once, in order.
   *
   * @param name tells a provider's name
   */
  public List<String> names(Function<P, String> name) {
    return present.stream().map(name).distinct().sorted().toList();
  }

  /**
   * The one provider with a name; otherwise an error that says what is missing, what is present,
   * and what to add.
   *
   * @param wanted what is looked up, as the message's subject
   * @param names what is present, for the message
   * @param matches whether a provider is the one
   * @param artifact the artifact that would bring it, without group and common prefix, or null when
   *     unknown
   * @param error makes the error from message and cause
   */
  public P only(
      String wanted,
      List<String> names,
      Predicate<P> matches,
      @Nullable String artifact,
      BiFunction<String, @Nullable Throwable, ? extends CheckpointException> error) {
    List<P> found = present.stream().filter(matches).toList();
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.size() > 1) {
      throw error.apply(
          wanted + " is provided more than once: " + classes(found) + "; keep one", null);
    }
    throw error.apply(
        wanted
            + absence(artifact)
            + "; present: "
            + (names.isEmpty() ? "none" : String.join(", ", names))
            + failureNote()
            + searched.doubt(),
        failures.isEmpty() ? null : failures.get(0));
  }

  /** Their names, and where each is from when the names alone would not tell them apart. */
  private static String classes(List<?> providers) {
    Set<String> names = new HashSet<>();
    boolean tell = providers.stream().anyMatch(p -> !names.add(p.getClass().getName()));
    return providers.stream()
        .map(Object::getClass)
        .map(c -> tell ? c.getName() + " of " + SearchedLoaders.origin(c) : c.getName())
        .collect(Collectors.joining(", "));
  }

  private String absence(@Nullable String artifact) {
    if (artifact == null) {
      return " is not on the class path";
    }
    String id = ARTIFACTS + artifact;
    // Maven's record of the artifact is in its jar, and stays when jars are merged into one.
    if (failures.isEmpty()
        && searched.have("META-INF/maven/" + GROUP + "/" + id + "/pom.properties")) {
      return " is not found, though "
          + id
          + " is on the class path: its entries in META-INF/services are missing; what merges jars"
          + " into one must merge these files (maven-shade-plugin: ServicesResourceTransformer)";
    }
    return " is not on the class path: add " + GROUP + ":" + id;
  }

  /**
   * Names each provider that failed to load, once though two class loaders see it; empty when none
   * did.
   */
  private String failureNote() {
    return failures.isEmpty()
        ? ""
        : failures.stream()
            .map(Throwable::getMessage)
            .distinct()
            .collect(Collectors.joining("; ", "; failed to load: ", ""));
  }
}
