package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A verified file, saved as it is. What it refers to is in the store already. */
final class FileSource implements SaveSource {
  private final SaveTools tools;
  private final ChunkContent content;
  private final CheckpointFile file;
  private volatile @Nullable ObjectId fresh;

  FileSource(SaveTools tools, ChunkContent content, CheckpointFile file) {
    this.tools = tools;
    this.content = content;
    this.file = file;
  }

  @Override
  public Mono<String> kernelId() {
    return Mono.fromSupplier(() -> file.metadata().kernelId());
  }

  @Override
  public Mono<Claims.Claim> claim(String kernelId) {
    return tools.claims().held(kernelId);
  }

  @Override
  public boolean isImported() {
    return true;
  }

  @Override
  public Mono<BasePlan> plan(SaveRequest request, String kernelId, Mono<Head> head) {
    return WholeChunkDelta.parentDigest(file).isPresent()
        ? wholeChunks(request.base().orElse(BaseChoice.automatic()))
        : Mono.fromSupplier(
            () -> BasePlan.ofFile(file.ancestors().stream().map(Ancestor::id).toList()));
  }

  /** A delta of version 1 tells only its base's digest: which that is, is looked up once. */
  private Mono<BasePlan> wholeChunks(BaseChoice choice) {
    Mono<BasePlan> base = tools.loader().base(file, choice.name()).map(BasePlan::on);
    return switch (choice.kind()) {
      case FULL -> Mono.just(BasePlan.ofFile(List.of()));
      case NAMED -> base;
      case AUTOMATIC, LATEST ->
          base.onErrorResume(
              Failures::isUnusable, e -> Mono.just(unrecorded(String.valueOf(e.getMessage()))));
    };
  }

  private static BasePlan unrecorded(String why) {
    return BasePlan.noted("which checkpoint it was made from is not recorded: " + why);
  }

  /** What is imported, but for a delta of version 1, can't do without what it refers to. */
  @Override
  public BasePlan checked(BasePlan plan, boolean referable) {
    if (!referable && plan.wholeChunks() != null) {
      return unrecorded("that is just being removed");
    }
    if (!referable) {
      throw BaseMismatchException.missing(
          plan.references().get(0).hex(),
          "the file refers to blocks in this object or others, and they are not all in the"
              + " store; copy it as a full one: load it and save the checkpoint",
          null);
    }
    return plan;
  }

  /** Who imports the same file at the same time may refer to the object of its own id, too. */
  @Override
  public boolean owns(ObjectId id) {
    return id.equals(fresh);
  }

  /** A file keeps its id, but for a second copy in one store: an object belongs to one entry. */
  @Override
  public Mono<ObjectId> newId() {
    ObjectId own = file.objectId();
    return own == null
        ? freshId()
        : tools
            .storage()
            .exists(StoreNames.object(own))
            .flatMap(taken -> taken ? freshId() : Mono.just(own));
  }

  private Mono<ObjectId> freshId() {
    return tools.ids().next().doOnNext(id -> fresh = id);
  }

  @Override
  public Mono<Written> write(ObjectId id, BasePlan plan) {
    return tools
        .objects()
        .copy(id, content, file)
        .flatMap(
            stored ->
                tools
                    .reader()
                    .requireReadable(stored)
                    .thenReturn(new Written.WrittenObject(stored, stored.stateSize(), null)))
        .map(object -> plan.wholeChunks() == null ? object : upon(plan, object))
        .map(object -> new Written(object, file.metadata(), Duration.ZERO, List.of()));
  }

  private static Written.WrittenObject upon(BasePlan plan, Written.WrittenObject object) {
    return object.onTopOf(plan.references().get(0), object.file().stateSize());
  }
}
