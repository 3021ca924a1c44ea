package io.ringkernel.checkpoint.core;

/**
 * Statistics of the cache of base indexes since its checkpointer was made.
 *
 * @param hits indexes that were in the cache, or being loaded
 * @param loads indexes that were read from the storage
 * @param loadFailures indexes that could not be read
 * @param evictions indexes that had to make room
 * @param indexes how many are in the cache now, about
 * @param bytes how many they take, about
 * @param maxBytes how many they may take
 */
public record BaseCacheStats(
    long hits,
    long loads,
    long loadFailures,
    long evictions,
    long indexes,
    long bytes,
    long maxBytes) {}
