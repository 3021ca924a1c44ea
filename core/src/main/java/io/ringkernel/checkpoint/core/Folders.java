package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StorageCapability;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps names apart from the folders of others, where the storage may hide {@code a/b} from its
 * listings while there is an {@code a}: what no listing shows would be taken for deleted, and its
 * objects collected. Where it can't ({@link StorageCapability#NESTED_NAMES}), nothing is done.
 *
 * <p>Each folder of a name is noted before something is put under the name, and then it is looked
 * whether something lies in the folder's place; who puts something there looks for the note, before
 * and after. So of two at once, one at least sees the other. Notes stay.
 */
final class Folders {
  private final SmallObjects small;

  /** Whether listings may hide something. */
  final boolean areNeeded;

  private static final int MOST_KNOWN = 10_000;

  /** Noted, and with nothing in their place since: nothing will ever be there. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  Folders(SmallObjects small) {
    this.small = small;
    this.areNeeded = !small.capabilities().contains(StorageCapability.NESTED_NAMES);
  }

  /** Fails when, as things are, nothing can be put under a name that is free. */
  Mono<Void> requirePlace(String name) {
    return areNeeded
        ? requireWay(name).then(requireNoFolder(name)).then(requireNothingBelow(name))
        : Mono.empty();
  }

  /** The same of all names that begin as one does, up to its last slash. */
  Mono<Void> requireWay(String name) {
    return areNeeded
        ? Flux.fromIterable(of(name))
            .filter(folder -> !known.contains(folder))
            .concatMap(folder -> requireNothingIn(folder, name), 1)
            .then()
        : Mono.empty();
  }

  /**
   * Puts something under a name that is free.
   *
   * @param placing puts it there
   * @param takingBack takes it away when it turns out that it must not be there
   */
  <T> Mono<T> placing(String name, Mono<T> placing, Function<T, Mono<Void>> takingBack) {
    return areNeeded
        ? requirePlace(name)
            .thenMany(Flux.fromIterable(of(name)))
            .concatMap(folder -> note(folder, name), 1)
            .then(placing)
            .flatMap(
                placed ->
                    requireNoFolder(name)
                        .onErrorResume(e -> takingBack.apply(placed).then(Mono.error(e)))
                        .thenReturn(placed))
        : placing;
  }

  /** What must not be listed: it may hide what lies below. For a listing that begins after this. */
  Mono<Places> places() {
    return areNeeded
        ? small.names(StoreNames.FOLDERS).collect(Collectors.toSet()).map(Places::new)
        : Mono.just(new Places(Set.of()));
  }

  /**
   * Where folders are.
   *
   * @param notes the names of the notes of all of them
   */
  record Places(Set<String> notes) {
    /** Ends a collection by what lies in the place of a folder. */
    void requireNot(String name) {
      if (!notes.isEmpty() && notes.contains(StoreNames.folder(name))) {
        throw new StorageException(
            "'%s' may hide from the listings of this storage what lies below '%s/', so nothing is removed: if no save is on its way to it, delete it"
                .formatted(name, name),
            true,
            null);
      }
    }
  }

  /** The folders that a name lies in, the outermost first. */
  static List<String> of(String name) {
    List<String> folders = new ArrayList<>();
    for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      folders.add(name.substring(0, slash));
    }
    return folders;
  }

  private Mono<Void> note(String folder, String name) {
    if (known.contains(folder)) {
      return Mono.empty();
    }
    String note = StoreNames.folder(folder);
    Mono<Void> looking = requireNothingIn(folder, name);
    return small
        .write(note, record(folder), null)
        .flatMap(
            mine ->
                looking.onErrorResume(
                    e -> small.delete(note, mine.version()).onErrorComplete().then(Mono.error(e))))
        .onErrorResume(AlreadyExistsException.class, e -> looking)
        .then(Mono.fromRunnable(() -> remember(folder)));
  }

  private void remember(String folder) {
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.add(folder);
  }

  private static byte[] record(String folder) {
    return new RecordWriter(RecordKind.FOLDER).line("path", folder).bytes();
  }

  private Mono<Void> requireNothingIn(String folder, String name) {
    return small
        .read(folder)
        .flatMap(
            there ->
                Mono.error(
                    new InvalidNameException(
                        name,
                        "there is '"
                            + folder
                            + "', which may hide it in this storage; choose one"
                            + " that does not begin with '"
                            + folder
                            + "/'")));
  }

  private Mono<Void> requireNoFolder(String name) {
    return small.read(StoreNames.folder(name)).flatMap(note -> Mono.error(isFolder(name)));
  }

  private Mono<Void> requireNothingBelow(String name) {
    return small.names(name + "/").next().flatMap(below -> Mono.error(isFolder(name)));
  }

  private static InvalidNameException isFolder(String name) {
    return new InvalidNameException(
        name,
        "there are or were names below '"
            + name
            + "/', which it may hide in this storage; choose"
            + " another");
  }
}
