package io.ringkernel.checkpoint.core;

/**
 * How the cache of base indexes has fared since its checkpointer was made.
 *
 * @param hits indexes that were there, or on their way
 * @param loads that were read from the storage
 * @param loadFailures that could not be read
 * @param evictions that had to make room
 * @param indexes that are there now, about
 * @param bytes that they take, about
 * @param maxBytes that they may take
 */
public record BaseCacheStats(
    long hits,
    long loads,
    long loadFailures,
    long evictions,
    long indexes,
    long bytes,
    long maxBytes) {}
