package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A checkpoint of another store, saved as it is there: its objects keep their ids, so that those
 * which are here already are not written again. What it refers to comes first, then the object
 * itself, then the commit; all of it under one pin. Objects stay when the copy fails or is
 * cancelled: the next try takes them up, or a collection removes them.
 */
final class CopySource implements SaveSource {
  private static final int LOOKS_IN_FLIGHT = 16;

  private final Engine from;
  private final Engine to;
  private final Entry entry;
  private final CopyTerms terms;
  private final CopyMeter meter;
  private volatile boolean allThere;
  private volatile @Nullable ObjectId fresh;

  /**
   * @param entry what is copied
   * @param meter counts what is sent
   */
  CopySource(Engine from, Engine to, Entry entry, CopyTerms terms, CopyMeter meter) {
    this.from = from;
    this.to = to;
    this.entry = entry;
    this.terms = terms;
    this.meter = meter;
  }

  @Override
  public Mono<String> kernelId() {
    return Mono.just(entry.metadata().kernelId());
  }

  @Override
  public Mono<Claims.Claim> claim(String kernelId) {
    return terms.claim(kernelId);
  }

  @Override
  public Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head) {
    return Mono.fromSupplier(() -> BasePlan.ofFile(entry.file().ancestors()));
  }

  @Override
  public boolean isImported() {
    return terms.isImport(entry);
  }

  /** What is missing is brought along. */
  @Override
  public BasePlan checked(BasePlan plan, boolean referable) {
    allThere = referable;
    return plan;
  }

  @Override
  public boolean owns(ObjectId id) {
    return id.equals(fresh);
  }

  @Override
  public Origin origin() {
    return terms.origin(entry);
  }

  /** Its own, unless what is here under that id is just being removed, or is damaged. */
  @Override
  public Mono<ObjectId> newId() {
    StoredFile file = entry.file();
    return to.tombstones
        .condemned()
        .flatMap(condemned -> condemned.has(file.objectId()) ? Mono.just(false) : isUsable(file))
        .flatMap(
            usable ->
                usable ? Mono.just(file.objectId()) : to.ids.next().doOnNext(id -> fresh = id));
  }

  private Mono<Boolean> isUsable(StoredFile file) {
    return isHere(file.objectId())
        .flatMap(
            here ->
                here
                    ? to.reader
                        .requireReadable(file)
                        .thenReturn(true)
                        .onErrorResume(Failures::isUnusable, e -> Mono.just(false))
                    : Mono.just(true));
  }

  private Mono<Boolean> isHere(ObjectId id) {
    return to.storage.exists(StoreNames.object(id));
  }

  /** An object to be sent. */
  private record Piece(ObjectId id, ObjectReader.Raw raw) {}

  @Override
  public Mono<Written> write(ObjectId id, BasePlan plan) {
    StoredFile stored = entry.file().withId(id);
    return from.reader
        .raw(entry.file())
        .flatMap(
            main ->
                missing(id, main)
                    .doOnNext(pieces -> expect(id, pieces))
                    .flatMapMany(Flux::fromIterable)
                    .concatMap(this::send, 1)
                    .then(to.reader.open(stored))
                    .flatMap(file -> file.verifyAncestors()))
        .then(
            Mono.fromSupplier(
                () ->
                    new Written(
                        new Written.WrittenObject(stored, stored.stateSize(), null),
                        entry.metadata(),
                        Duration.ZERO,
                        List.of())));
  }

  /**
   * What is not here yet, and the checkpoint's own object last. In whatever order: all is under one
   * pin, and nothing refers to any of it before the commit.
   */
  private Mono<List<Piece>> missing(ObjectId id, ObjectReader.Raw main) {
    Flux<Piece> own = isHere(id).filter(here -> !here).map(here -> new Piece(id, main)).flux();
    if (allThere) {
      return own.collectList();
    }
    return to.tombstones
        .condemned()
        .doOnNext(this::requireNoneCondemned)
        .thenMany(
            FirstFailure.inOrder(
                Flux.fromIterable(entry.file().ancestors()),
                ancestor -> isHere(ancestor).filter(here -> !here).map(here -> ancestor),
                LOOKS_IN_FLIGHT))
        .concatMap(ancestor -> opened(main, ancestor), 1)
        .concatWith(own)
        .collectList();
  }

  private void requireNoneCondemned(Tombstones.Condemned condemned) {
    for (ObjectId ancestor : entry.file().ancestors()) {
      if (condemned.has(ancestor)) {
        throw new BaseMismatchException(ancestor.hex(), "it is just being removed there", null);
      }
    }
  }

  private Mono<Piece> opened(ObjectReader.Raw main, ObjectId ancestor) {
    return from.reader
        .raw(ancestor)
        .onErrorMap(
            CheckpointNotFoundException.class,
            e ->
                BaseMismatchException.missing(
                    ancestor.hex(),
                    "put it back where it is copied from, or copy another checkpoint",
                    e))
        .doOnNext(raw -> requireMeant(main, ancestor, raw))
        .map(raw -> new Piece(ancestor, raw));
  }

  private static void requireMeant(ObjectReader.Raw main, ObjectId ancestor, ObjectReader.Raw raw) {
    for (Ancestor meant : main.file().ancestors()) {
      RootHash found = raw.file().rootHash();
      if (meant.id().equals(ancestor) && !Objects.equals(found, meant.rootHash())) {
        throw new CorruptCheckpointException(
            0,
            "the root hash of its ancestor "
                + ancestor
                + " is "
                + found
                + ", not "
                + meant.rootHash());
      }
    }
  }

  private void expect(ObjectId id, List<Piece> pieces) {
    long bytes = pieces.stream().mapToLong(piece -> piece.raw().content().size()).sum();
    meter.expect(bytes);
    if (pieces.stream().noneMatch(piece -> piece.id().equals(id))) {
      meter.found(entry.file().fileSize());
    }
  }

  /** Sends one object; that somebody else did so meanwhile is just as well. */
  private Mono<Void> send(Piece piece) {
    ObjectReader.Raw raw = piece.raw();
    return raw.file()
        .verifyOwnBytes()
        .onErrorMap(CorruptCheckpointException.class, e -> placed(piece, e))
        .then(to.tools.objects().copy(piece.id(), meter.counting(raw.content()), raw.file()))
        .then()
        .onErrorComplete(AlreadyExistsException.class);
  }

  /** An offset is of no use without the object that it is in, when that is another's. */
  private CorruptCheckpointException placed(Piece piece, CorruptCheckpointException damage) {
    if (Objects.equals(piece.raw().file().rootHash(), entry.file().rootHash())) {
      return damage;
    }
    return new CorruptCheckpointException(
        damage.offset(), damage.reason() + " in ancestor " + piece.id(), damage, piece.id().hex());
  }
}
