package io.ringkernel.checkpoint.core;

/**
 * The progress of a copy.
 *
 * @param name the checkpoint, in the store that it is copied from
 * @param copied bytes that were sent so far
 * @param total bytes to be sent; 0 when this is not known, as for a delta that is flattened
 */
public record CopyProgress(String name, long copied, long total) {}
