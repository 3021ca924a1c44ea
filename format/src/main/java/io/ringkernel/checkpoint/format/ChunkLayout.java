package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.DataChunk;

/**
 * How one chunk is stored in a file.
 *
 * @param chunk the chunk itself, with its content
 * @param occurrence counts chunks of its type and id from 0
 * @param declaredSize the raw size that the file states; in a leniently read version 1 file it may
 *     differ from the content's; unsigned
 * @param storedSize the bytes it takes in the file, without block headers and index; unsigned
 * @param position of its first byte (version 1) or index page (version 2) in the file, 0 when it
 *     has none
 * @param blocks its blocks; 0 in version 1
 */
public record ChunkLayout(
    DataChunk chunk,
    int occurrence,
    long declaredSize,
    long storedSize,
    long position,
    long blocks) {}
