package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The files that an opened one's blocks are in: itself, and its ancestors, each found and checked
 * once, when the first block of it is read.
 */
final class BlockSources {
  private static final String WHAT_TO_DO =
      "put it back from a copy or a backup, or use another checkpoint";

  private final Mono<BlockSource> here;
  private final List<Ancestor> ancestors;
  private final DecodeOptions options;
  private final Scheduler workers;
  private final Shared<Integer, BlockSource> opened;

  BlockSources(ChunkContent file, Outline outline, DecodeOptions options, Scheduler workers) {
    this.here = Mono.just(new BlockSource(file, outline.directoryPosition(), null));
    this.ancestors = outline.directory().ancestors();
    this.options = options;
    this.workers = workers;
    this.opened = new Shared<>(Layout.MAX_ANCESTORS);
  }

  /**
   * A file.
   *
   * @param index into the directory's ancestors, or {@link BlockLocation#HERE}
   */
  Mono<BlockSource> get(int index) {
    return index == BlockLocation.HERE ? here : opened.get(index, () -> open(ancestors.get(index)));
  }

  /**
   * By its trailer alone: the root hash in it says which file it is, and each block is verified by
   * what the delta says of it.
   */
  private Mono<BlockSource> open(Ancestor ancestor) {
    return use(
        ancestor,
        file ->
            OutlineReader.readTrailer(file)
                .map(
                    trailer -> {
                      requireRoot(ancestor, trailer);
                      return new BlockSource(file, trailer.directoryPosition(), ancestor);
                    }));
  }

  /**
   * Proves that an ancestor is there, whole in all that a checkpoint is opened by, and the one that
   * is meant.
   *
   * @param index into the directory's ancestors
   */
  Mono<Void> verify(int index) {
    Ancestor ancestor = ancestors.get(index);
    return use(
            ancestor,
            file ->
                new OutlineReader(file, options, workers, OutlineReader.TAIL_WITHOUT_PAGES)
                    .read()
                    .doOnNext(outline -> requireSame(ancestor, outline)))
        .then();
  }

  private <T> Mono<T> use(Ancestor ancestor, Function<ChunkContent, Mono<T>> use) {
    @Nullable Function<ObjectId, Mono<ChunkContent>> find = options.ancestors();
    if (find == null) {
      return Mono.error(missing(ancestor, "nothing was given to find it by", null));
    }
    return find.apply(ancestor.id())
        .switchIfEmpty(Mono.error(() -> missing(ancestor, WHAT_TO_DO, null)))
        .onErrorMap(CheckpointNotFoundException.class, e -> missing(ancestor, WHAT_TO_DO, e))
        .flatMap(use)
        .onErrorMap(
            e ->
                e instanceof CorruptCheckpointException || e instanceof UnsupportedVersionException,
            e -> mismatch(ancestor, "can't be read: " + e.getMessage(), e));
  }

  private static void requireSame(Ancestor ancestor, Outline outline) {
    ObjectId id = outline.header().objectId();
    if (!id.equals(ancestor.id())) {
      throw mismatch(ancestor, "what was found under this id is " + id, null);
    }
    requireRoot(ancestor, outline.trailer());
  }

  private static void requireRoot(Ancestor ancestor, Trailer trailer) {
    if (!trailer.rootHash().equals(ancestor.rootHash())) {
      throw mismatch(
          ancestor,
          "its root hash is "
              + trailer.rootHash()
              + ", the delta was made from "
              + ancestor.rootHash(),
          null);
    }
  }

  private static BaseMismatchException missing(
      Ancestor ancestor, String reason, @Nullable Throwable cause) {
    return BaseMismatchException.missing(ancestor.id().hex(), reason, cause);
  }

  private static BaseMismatchException mismatch(
      Ancestor ancestor, String reason, @Nullable Throwable cause) {
    return new BaseMismatchException(ancestor.id().hex(), reason, cause);
  }
}
