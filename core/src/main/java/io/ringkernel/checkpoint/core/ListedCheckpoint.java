package io.ringkernel.checkpoint.core;

/**
 * Something that a listing found under a name: a {@link CheckpointInfo}, a {@link GroupInfo}, or an
 * {@link UnreadableCheckpoint} that must not end the listing. {@code list(...)
 * .ofType(CheckpointInfo.class)} keeps the readable ones.
 *
 * <p>More kinds may be added: code that distinguishes them needs a default for those that it
 * doesn't know.
 */
public sealed interface ListedCheckpoint permits CheckpointInfo, GroupInfo, UnreadableCheckpoint {
  /** Under which name it lies in the store. */
  String name();
}
