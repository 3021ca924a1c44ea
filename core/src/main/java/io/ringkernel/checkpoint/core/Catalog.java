package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tells what is in a store without reading state. */
final class Catalog {
  private static final int READS_IN_FLIGHT = 16;

  /** A name that is in the store, and the commits of any kernel that may belong under it. */
  private record Row(String name, Collection<Head.Latest> commits) {}

  private final CheckpointStorage storage;
  private final CheckpointCodec codec;
  private final DecodeOptions decoding;
  private final ReadSpeed speed;
  private final Heads heads;
  private final Slots slots;
  private final SmallObjects small;

  Catalog(
      CheckpointStorage storage,
      CheckpointCodec codec,
      DecodeOptions decoding,
      ReadSpeed speed,
      Heads heads,
      Slots slots,
      SmallObjects small) {
    this.storage = storage;
    this.codec = codec;
    this.decoding = decoding;
    this.speed = speed;
    this.heads = heads;
    this.slots = slots;
    this.small = small;
  }

  /** All checkpoints whose names begin with a prefix, in order. */
  Flux<ListedCheckpoint> list(String prefix) {
    return Flux.defer(
        () -> {
          StorageNames.requireValidPrefix(prefix);
          // The heads come first: a commit that they miss finds its entry among the names.
          return heads
              .all()
              .flatMapIterable(Head::commits)
              .filter(commit -> commit.name().startsWith(prefix))
              .collectMultimap(Head.Latest::name)
              .flatMapMany(
                  commits ->
                      FirstFailure.inOrder(
                          UserNames.in(storage, prefix)
                              .map(StoredObject::name)
                              .map(name -> new Row(name, commits.getOrDefault(name, Set.of()))),
                          this::listed,
                          READS_IN_FLIGHT));
        });
  }

  private Mono<ListedCheckpoint> listed(Row row) {
    return slots
        .read(row.name())
        .flatMap(slot -> listed(row, slot))
        .onErrorResume(
            Failures::isUnreadable,
            e -> Mono.just(new UnreadableCheckpoint(row.name(), (CheckpointException) e)));
  }

  private Mono<ListedCheckpoint> listed(Row row, Slot slot) {
    Optional<Head.Latest> commit = slot.awaited(row.commits().stream());
    if (commit.isPresent()) {
      return Mono.just(commit.get().entry().info(row.name()));
    }
    if (slot instanceof Slot.Managed managed) {
      return Mono.just(managed.entry().info(row.name()));
    }
    if (slot instanceof Slot.Group group) {
      return Mono.just(group.manifest().info(row.name()));
    }
    if (slot instanceof Slot.Bare bare) {
      return info(row.name(), bare).cast(ListedCheckpoint.class);
    }
    if (slot instanceof Slot.Vacant) {
      return hidden(row.name(), slot);
    }
    return slot instanceof Slot.Unreadable unreadable
        ? Mono.just(new UnreadableCheckpoint(row.name(), unreadable.problem()))
        : Mono.empty();
  }

  /** What is on its way is not there yet, but nobody can tell that of a damaged head's commit. */
  private Mono<ListedCheckpoint> hidden(String name, Slot slot) {
    String kernelId = slot.awaits();
    return kernelId == null
        ? Mono.empty()
        : heads
            .read(kernelId)
            .then(Mono.<ListedCheckpoint>empty())
            .onErrorMap(HeadDamage::is, e -> HeadDamage.hides(name, e));
  }

  /** What is told of a checkpoint. */
  Mono<CheckpointInfo> info(Located located) {
    if (located instanceof Located.Group group) {
      return Mono.error(group.refusal());
    }
    return located instanceof Located.InObject managed
        ? Mono.just(managed.entry().info(located.name()))
        : info(located.name(), ((Located.InPlace) located).file());
  }

  /** The same with the entries of a managed one, which are in its object: one small read more. */
  Mono<CheckpointInfo> infoWithEntries(Located located) {
    if (!(located instanceof Located.InObject managed)) {
      return info(located);
    }
    return metadata(managed.entry().file().objectId())
        .map(metadata -> managed.entry().info(located.name()).withCustom(metadata.custom()))
        .onErrorMap(CheckpointNotFoundException.class, e -> Opener.lost(located))
        .onErrorMap(e -> Failures.named(located.name(), e));
  }

  /** The metadata of an object, custom entries too: one small read. */
  Mono<CheckpointMetadata> metadata(ObjectId id) {
    return small
        .read(StoreNames.object(id), RecordKind.ENTRY)
        .switchIfEmpty(Mono.error(() -> new CheckpointNotFoundException(StoreNames.object(id))))
        .flatMap(
            start ->
                codec.readMetadata(
                    StoredContent.of(
                        storage, start.object(), ByteBuffer.wrap(start.bytes()), speed),
                    decoding));
  }

  private Mono<CheckpointInfo> info(String name, Slot.Bare bare) {
    StoredContent content = StoredContent.of(storage, bare.object(), bare.start(), speed);
    if (FileStart.version(bare.start()) != 1) {
      return codec.open(content, decoding).map(file -> info(name, file));
    }
    return codec
        .readMetadata(content, decoding)
        .map(
            metadata ->
                new CheckpointInfo(
                    name,
                    false,
                    metadata,
                    ObjectWriter.kind(1, metadata, true),
                    1,
                    null,
                    null,
                    0,
                    false,
                    OptionalLong.empty(),
                    content.size(),
                    FileStart.codecName(bare.start()),
                    Set.of(),
                    false,
                    List.of()));
  }

  private static CheckpointInfo info(String name, CheckpointFile file) {
    int version = file.header().version();
    return new CheckpointInfo(
        name,
        false,
        file.metadata(),
        ObjectWriter.kind(version, file.metadata(), file.ancestors().isEmpty()),
        version,
        file.objectId(),
        file.rootHash(),
        0,
        false,
        OptionalLong.of(file.stateSize()),
        file.size(),
        FileStart.codecName(file.header().compression()),
        Set.of(),
        false,
        file.ancestors().stream().map(ancestor -> ancestor.id()).toList());
  }
}
