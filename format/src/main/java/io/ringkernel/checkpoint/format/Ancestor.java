package io.ringkernel.checkpoint.format;

/**
 * Another file that a version 2 file refers to for blocks it does not hold itself.
 *
 * @param id names it
 * @param rootHash pins its content
 */
public record Ancestor(ObjectId id, RootHash rootHash) {}
