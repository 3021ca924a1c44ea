package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * What the sources of saves work with.
 *
 * @param storage where objects and names are
 * @param claims the kernels that are claimed
 * @param ids for objects and nonces
 * @param objects writes them
 * @param reader reads them
 * @param loader finds what deltas of version 1 were made from
 * @param bases what saves are compared with
 * @param captureTimeout how long a kernel may take to be captured
 * @param releaseLimit how long it may take to run on afterwards; its timer measures both
 * @param clock tells created_at
 */
record SaveTools(
    CheckpointStorage storage,
    Claims claims,
    RandomIds ids,
    ObjectWriter objects,
    ObjectReader reader,
    Loader loader,
    Bases bases,
    Duration captureTimeout,
    KernelLimit releaseLimit,
    Clock clock) {
  /** The same with another time for the kernel. */
  SaveTools capturingWithin(Duration timeout) {
    return new SaveTools(
        storage, claims, ids, objects, reader, loader, bases, timeout, releaseLimit, clock);
  }

  /**
   * A checkpoint that was written, while its kernel may still stand still.
   *
   * @param object what lies in the store
   * @param metadata with the time that entry and file tell
   * @param notes of the capture
   */
  record Encoded(Written.WrittenObject object, CheckpointMetadata metadata, List<String> notes) {
    Written stalled(Duration stall) {
      return new Written(object, metadata, stall, notes);
    }

    Encoded noted(String note) {
      return new Encoded(object, metadata, with(notes, note));
    }
  }

  /**
   * Writes a checkpoint.
   *
   * @param captureKnowsBase whether it was captured against the base of the plan
   */
  Mono<Encoded> encode(
      ObjectId id, Checkpoint checkpoint, BasePlan plan, boolean captureKnowsBase) {
    CheckpointMetadata metadata = stamped(checkpoint.metadata());
    List<String> notes = checkpoint.capture().map(CaptureReport::notes).orElse(List.of());
    BasePlan.WholeChunks wholeChunks = plan.wholeChunks();
    if (wholeChunks != null) {
      return version1Delta(id, checkpoint, metadata.createdAtMicros(), wholeChunks)
          .map(object -> new Encoded(object, metadata, notes))
          .onErrorResume(
              BaseMismatchException.class,
              e ->
                  encode(
                      id,
                      checkpoint,
                      BasePlan.FULL,
                      false,
                      metadata,
                      with(notes, "it is a full one: " + e.getMessage())));
    }
    return encode(id, checkpoint, plan, captureKnowsBase, metadata, notes);
  }

  private Mono<Encoded> encode(
      ObjectId id,
      Checkpoint checkpoint,
      BasePlan plan,
      boolean captureKnowsBase,
      CheckpointMetadata metadata,
      List<String> notes) {
    BasePlan.Base base = plan.base();
    if (objects.encoding().formatVersion() == 1
        && WholeChunkDelta.parentDigest(metadata).isPresent()) {
      return Mono.error(marked(metadata));
    }
    return objects
        .write(
            id,
            checkpoint,
            metadata.createdAtMicros(),
            base == null ? null : base.index(),
            captureKnowsBase)
        .map(
            object ->
                base == null || object.file().kind() == CheckpointKind.DELTA
                    ? new Encoded(object, metadata, notes)
                    : new Encoded(object, metadata, with(notes, reasonForNoDelta(object))));
  }

  /**
   * In version 1 it would be read as a delta, and could not be without a base that nobody keeps.
   */
  private static InvalidOptionException marked(CheckpointMetadata metadata) {
    return new InvalidOptionException(
        "custom",
        "the checkpoint of kernel '"
            + metadata.kernelId()
            + "' has an entry '"
            + WholeChunkDelta.PARENT_DIGEST
            + "', which makes a file of version 1 a delta; a delta's file is imported, and a whole"
            + " state is saved without it (WholeChunkDelta.standingAlone)",
        null);
  }

  /** Why what was compared with a base refers to nothing of it. */
  private static String reasonForNoDelta(Written.WrittenObject written) {
    return written.changed() > 0
        ? "it is a full one: it has no block in common with its base"
        : "it is a full one: all its bytes are zero, which take no space and need no base";
  }

  private static List<String> with(List<String> notes, String another) {
    List<String> all = new ArrayList<>(notes);
    all.add(another);
    return all;
  }

  /** A delta of version 1 is made before it is written: its base is read for that. */
  private Mono<Written.WrittenObject> version1Delta(
      ObjectId id, Checkpoint checkpoint, long createdAtMicros, BasePlan.WholeChunks base) {
    StoredFile file = base.entry().file();
    return Mono.usingWhen(
        reader.open(file).map(opened -> opened.checkpoint(() -> {})),
        before ->
            WholeChunkDelta.between(before, base.name(), checkpoint)
                .flatMap(
                    delta ->
                        objects
                            .write(id, delta, createdAtMicros, null, false)
                            .map(written -> written.onTopOf(file.objectId(), checkpoint.size()))),
        before -> Mono.fromRunnable(before::close));
  }

  /** Entry and file must tell the same time, so it is decided here. */
  private CheckpointMetadata stamped(CheckpointMetadata metadata) {
    return metadata.createdAtMicros() != 0
        ? metadata
        : metadata.toBuilder().createdAtMicros(Instants.micros(clock.instant())).build();
  }
}
