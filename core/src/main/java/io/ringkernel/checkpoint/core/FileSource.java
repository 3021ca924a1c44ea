package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/** A verified file, saved as it is. What it refers to is in the store already. */
final class FileSource implements SaveSource {
  private final SaveTools tools;
  private final ChunkContent content;
  private final CheckpointFile file;

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
    return Mono.fromSupplier(
        () -> BasePlan.ofFile(file.ancestors().stream().map(Ancestor::id).toList()));
  }

  /** A file keeps its id, but for a second copy in one store: an object belongs to one entry. */
  @Override
  public Mono<ObjectId> newId() {
    ObjectId own = file.objectId();
    return own == null
        ? tools.ids().next()
        : tools
            .storage()
            .exists(StoreNames.object(own))
            .flatMap(taken -> taken ? tools.ids().next() : Mono.just(own));
  }

  @Override
  public Mono<Written> write(ObjectId id, BasePlan plan) {
    return tools
        .objects()
        .copy(id, content, file)
        .flatMap(
            stored ->
                tools
                    .opener()
                    .requireReadable(stored)
                    .thenReturn(new Written.WrittenObject(stored, stored.stateSize(), null)))
        .map(object -> new Written(object, file.metadata(), Duration.ZERO, List.of()));
  }
}
