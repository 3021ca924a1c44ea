package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Opens checkpoints: from a name to content to a file that is the one the entry means. */
final class Opener {
  private static final int HEADER_SIZE = 64;

  /** An entry that changes each time while it is being followed is not a race any more. */
  private static final int MOST_ATTEMPTS = 8;

  private final CheckpointStorage storage;
  private final CheckpointCodec codec;
  private final DecodeOptions decoding;
  private final ReadSpeed speed;
  private final Resolver resolver;
  private final VerifiedFiles verified = new VerifiedFiles();

  /**
   * @param decoding limits and leniency; ancestors are found in the store
   * @param speed takes note of how fast reads are
   */
  Opener(
      CheckpointStorage storage,
      CheckpointCodec codec,
      DecodeOptions decoding,
      ReadSpeed speed,
      Resolver resolver) {
    this.storage = storage;
    this.codec = codec;
    this.decoding = decoding.toBuilder().ancestors(this::ancestor).build();
    this.speed = speed;
    this.resolver = resolver;
  }

  /**
   * An opened checkpoint.
   *
   * @param located what it was found by
   * @param file its file
   */
  record Opened(Located located, CheckpointFile file) {}

  /**
   * A file and its bytes as they are stored.
   *
   * @param content the bytes
   * @param file the same, opened
   */
  record Raw(ChunkContent content, CheckpointFile file) {}

  /** An object as an entry tells it, to be copied. */
  Mono<Raw> raw(StoredFile meant) {
    return object(meant.objectId(), StoredContent.TAIL)
        .flatMap(
            content ->
                requireMeant(content, meant, codec.open(content, decoding))
                    .map(file -> new Raw(content, file)));
  }

  /** An object of which nothing but its id is known, to be copied. */
  Mono<Raw> raw(ObjectId id) {
    return object(id, StoredContent.TAIL)
        .flatMap(content -> codec.open(content, decoding).map(file -> new Raw(content, file)));
  }

  /** The bytes of an object that only blocks are read of. */
  private Mono<ChunkContent> ancestor(ObjectId id) {
    return object(id, StoredContent.TAIL_WITHOUT_PAGES).cast(ChunkContent.class);
  }

  private Mono<StoredContent> object(ObjectId id, int tailLength) {
    return StoredContent.open(storage, StoreNames.object(id), tailLength, speed);
  }

  /**
   * The block index of an object, and nothing else of it; the objects that it refers to are there.
   *
   * @param meant which object, as an entry tells it; of version 2
   * @param maxWeight the most memory it may take
   */
  Mono<BlockIndex> index(StoredFile meant, long maxWeight) {
    return open(meant).flatMap(file -> file.verifyAncestors().then(file.blockIndex(maxWeight)));
  }

  /** The file of an object of which nothing but its id is known. */
  Mono<CheckpointFile> openObject(ObjectId id) {
    return object(id, StoredContent.TAIL).flatMap(content -> codec.open(content, decoding));
  }

  /** The file of an object. */
  Mono<CheckpointFile> open(StoredFile meant) {
    return object(meant.objectId(), StoredContent.TAIL)
        .flatMap(content -> requireMeant(content, meant, codec.open(content, decoding)));
  }

  /** The bytes of a checkpoint, pinned to what is there now. */
  Mono<StoredContent> content(String name) {
    return byName(name, this::content);
  }

  /** A checkpoint's file, opened and checked to be the one that its entry means. */
  Mono<Opened> open(String name) {
    return byName(name, located -> open(located).map(file -> new Opened(located, file)));
  }

  /** The same with nothing taken from memory. */
  Mono<Opened> openAnew(String name) {
    return byName(name, located -> openAnew(located).map(file -> new Opened(located, file)));
  }

  /** The same for what was resolved already. */
  Mono<CheckpointFile> openAnew(Located located) {
    return content(located).flatMap(content -> openAnew(located, content));
  }

  /** A file that is not in a store yet, opened and verified to its last byte. */
  Mono<CheckpointFile> verified(ChunkContent file) {
    return codec
        .open(file, decoding)
        .flatMap(
            opened ->
                opened.header().version() == 1
                    ? Mono.just(opened)
                    : opened.verifyAll().thenReturn(opened));
  }

  /** Refuses an object that was written a moment ago and is not what it should be. */
  Mono<Void> requireReadable(StoredFile stored) {
    return open(stored).then();
  }

  private <T> Mono<T> byName(String name, Function<Located, Mono<T>> use) {
    return following(name, use, 1).onErrorMap(e -> Failures.named(name, e));
  }

  private <T> Mono<T> following(String name, Function<Located, Mono<T>> use, int attempt) {
    return resolver
        .resolve(name)
        .flatMap(
            located ->
                use.apply(located)
                    .onErrorResume(
                        CheckpointNotFoundException.class,
                        e -> follow(located, attempt).flatMap(next -> following(name, use, next))));
  }

  /**
   * An object that is not there was deleted with its entry between two reads, or is lost: the entry
   * tells which.
   *
   * @return the number of the next attempt
   */
  private Mono<Integer> follow(Located located, int attempt) {
    return resolver
        .resolve(located.name())
        .flatMap(
            now ->
                now.equals(located) || attempt == MOST_ATTEMPTS
                    ? Mono.error(lost(located))
                    : Mono.just(attempt + 1));
  }

  /** What is said when a name is there and what it stands for is not. */
  static CheckpointNotFoundException lost(Located located) {
    if (located instanceof Located.Group group) {
      return group.refusal();
    }
    return located instanceof Located.InObject managed
        ? new CheckpointNotFoundException(
            located.name(),
            "its object "
                + managed.entry().file().objectId()
                + " is not in the store: what is left is an entry that leads nowhere; delete it")
        : new CheckpointNotFoundException(located.name());
  }

  /** The bytes that a name was resolved to. */
  Mono<StoredContent> content(Located located) {
    if (located instanceof Located.Group group) {
      return Mono.error(group.refusal());
    }
    if (located instanceof Located.InObject managed) {
      return object(managed.entry().file().objectId(), StoredContent.TAIL);
    }
    Slot.Bare bare = ((Located.InPlace) located).file();
    return Mono.just(StoredContent.of(storage, bare.object(), bare.start(), speed));
  }

  /** The file that a name was resolved to; a version 1 file may have been verified earlier. */
  Mono<CheckpointFile> open(Located located) {
    return content(located)
        .flatMap(
            content -> {
              CheckpointFile known = verified.get(content.object());
              return known != null
                  ? Mono.just(known)
                  : openAnew(located, content)
                      .doOnNext(file -> verified.add(content.object(), file));
            });
  }

  private Mono<CheckpointFile> openAnew(Located located, StoredContent content) {
    Mono<CheckpointFile> file = codec.open(content, decoding);
    return located instanceof Located.InObject managed
        ? requireMeant(content, managed.entry().file(), file)
        : file;
  }

  /** Refuses an object that is not the one an entry was written for. */
  private static Mono<CheckpointFile> requireMeant(
      StoredContent content, StoredFile meant, Mono<CheckpointFile> open) {
    if (content.size() != meant.fileSize()) {
      return Mono.error(
          new CorruptCheckpointException(
              Math.min(content.size(), meant.fileSize()),
              "the object has " + content.size() + " bytes, its entry says " + meant.fileSize()));
    }
    Integer headerCrc32 = meant.headerCrc32();
    if (headerCrc32 != null) {
      return requireHeader(content, headerCrc32).then(open);
    }
    return open.doOnNext(file -> requireRoot(file, meant.rootHash()));
  }

  private static void requireRoot(CheckpointFile file, @Nullable RootHash meant) {
    if (!Objects.equals(meant, file.rootHash())) {
      throw new CorruptCheckpointException(
          0, "the object's root hash is " + file.rootHash() + ", its entry says " + meant);
    }
  }

  private static Mono<Void> requireHeader(StoredContent content, int meant) {
    return Mono.defer(
        () -> {
          ByteBuffer header = ByteBuffer.allocate(HEADER_SIZE);
          return content
              .read(0, header)
              .doOnNext(read -> requireHeader(header.flip(), meant))
              .then();
        });
  }

  private static void requireHeader(ByteBuffer header, int meant) {
    if (FileStart.crc32(header) != meant) {
      throw new CorruptCheckpointException(
          0, "the object's header is not the one that its entry was written for");
    }
  }
}
