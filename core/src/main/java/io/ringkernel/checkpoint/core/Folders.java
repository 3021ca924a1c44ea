package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.StorageCapability;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps names apart from the folders of others, where the storage may hide {@code a/b} from its
 * listings while there is an {@code a}: what no listing shows would be taken for deleted, and its
 * objects collected. Where it can't ({@link StorageCapability#NESTED_NAMES}), nothing is done.
 *
 * <p>Who puts {@code a/b} somewhere notes {@code a} first, then looks that nothing is there, then
 * lets the note stand if it is as it was before the look. Who puts something at {@code a} writes
 * the note again afterwards, unless it stands: then it was too late, and takes back what it has
 * put. So of two at once exactly one goes on. A note that stands does so for ever, and no other
 * counts.
 */
final class Folders {
  private static final int MOST_KNOWN = 10_000;

  private final SmallObjects small;
  private final NameClearer clearer;

  /** Whether listings may hide something. */
  final boolean areNeeded;

  /** Noted, and with nothing in their place since: nothing will ever be there. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  Folders(SmallObjects small, NameClearer clearer) {
    this.small = small;
    this.clearer = clearer;
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

  /** Fails when of names that are to be given together one may hide another. */
  Mono<Void> requireApart(Collection<String> names) {
    return areNeeded
        ? Flux.fromIterable(names)
            .concatMap(
                name ->
                    Flux.fromIterable(of(name))
                        .filter(names::contains)
                        .concatMap(folder -> Mono.<Void>error(hiddenBy(folder, name))))
            .then()
        : Mono.empty();
  }

  /** Makes way for something that is about to be put under a name that is free. */
  Mono<Void> make(String name) {
    return areNeeded
        ? requirePlace(name)
            .thenMany(Flux.fromIterable(of(name)))
            .filter(folder -> !known.contains(folder))
            .concatMap(folder -> stand(folder, name), 1)
            .then()
        : Mono.empty();
  }

  /** Fails when what was put under a name is in the place of a folder; else none will be there. */
  Mono<Void> keepPlace(String name) {
    return areNeeded
        ? Mono.defer(() -> note(name))
            .flatMap(noted -> noted.note().stands() ? refusal(name) : contest(noted))
            .retryWhen(Again.afterRefusal())
        : Mono.empty();
  }

  /**
   * Fails when something lies in the place of one of the engine's own folders: it may hide what a
   * collection goes by.
   */
  Mono<Void> requireOwn() {
    return areNeeded
        ? Flux.fromIterable(StoreNames.FOLDERS_OF_ITS_OWN)
            .flatMap(
                folder ->
                    small
                        .exists(folder)
                        .filter(there -> there)
                        .flatMap(there -> Mono.<Void>error(hidesOwn(folder))))
            .then()
        : Mono.empty();
  }

  /** That something lies in the place of one of the engine's own folders. */
  static StorageException hidesOwn(String folder) {
    return new StorageException(
        "'%s' may hide from the listings of this storage the store's own '%s/', so nothing is removed: it is no part of the store, delete it"
            .formatted(folder, folder),
        false,
        null);
  }

  /** What must not be listed: it may hide what lies below. For a listing that begins after this. */
  Mono<Places> places() {
    return areNeeded
        ? small.names(StoreNames.FOLDERS).collect(Collectors.toSet()).map(Places::new)
        : Mono.just(new Places(Set.of()));
  }

  /**
   * Where folders may be.
   *
   * @param notes the names of the notes of all of them
   */
  record Places(Set<String> notes) {
    boolean mayBe(String name) {
      return !notes.isEmpty() && notes.contains(StoreNames.folder(name));
    }
  }

  /** Whether what is under a name is in the place of a folder, though nothing may be there. */
  Mono<Boolean> isFolder(Places places, String name) {
    return places.mayBe(name)
        ? note(name).map(noted -> noted.note().stands()).defaultIfEmpty(false)
        : Mono.just(false);
  }

  /** The folders that a name lies in, the outermost first. */
  static List<String> of(String name) {
    List<String> folders = new ArrayList<>();
    for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      folders.add(name.substring(0, slash));
    }
    return folders;
  }

  /** A note as it was read or written. */
  private record Noted(String version, FolderNote note) {}

  private Mono<Noted> note(String folder) {
    return small
        .read(StoreNames.folder(folder), RecordKind.FOLDER)
        .map(read -> new Noted(read.object().version(), FolderNote.decode(read.bytes())));
  }

  private Mono<Noted> write(FolderNote note, @Nullable String base) {
    return small
        .write(StoreNames.folder(note.path()), note.encode(), base)
        .map(written -> new Noted(written.version(), note));
  }

  private Mono<Void> contest(Noted noted) {
    return write(noted.note().contested(), noted.version()).then();
  }

  /** Of two who do this at once for one folder, either may let it stand. */
  private Mono<Void> stand(String folder, String name) {
    return Mono.defer(() -> note(folder))
        .switchIfEmpty(Mono.defer(() -> write(FolderNote.of(folder), null)))
        .flatMap(
            noted ->
                requireNothingIn(folder, name)
                    .then(
                        noted.note().stands()
                            ? Mono.empty()
                            : Mono.defer(() -> write(noted.note().standing(), noted.version()))))
        .retryWhen(Again.afterRefusal())
        .then(Mono.fromRunnable(() -> remember(folder)));
  }

  private void remember(String folder) {
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.add(folder);
  }

  private Mono<Void> requireNothingIn(String folder, String name) {
    return clearer
        .settled(folder, small.read(folder), there -> ClearingNote.is(there.bytes()))
        .flatMap(there -> Mono.error(hiddenBy(folder, name)));
  }

  private static InvalidNameException hiddenBy(String folder, String name) {
    return new InvalidNameException(
        name,
        "there is '"
            + folder
            + "', which may hide it in this storage; choose one that does not begin with '"
            + folder
            + "/'");
  }

  private Mono<Void> requireNoFolder(String name) {
    return note(name).filter(noted -> noted.note().stands()).flatMap(noted -> refusal(name));
  }

  private Mono<Void> requireNothingBelow(String name) {
    return small.names(name + "/").next().flatMap(below -> refusal(name));
  }

  private static Mono<Void> refusal(String name) {
    return Mono.error(
        () ->
            new InvalidNameException(
                name,
                "there are or were names below '"
                    + name
                    + "/', which it may hide in this storage; choose another"));
  }
}
