package io.ringkernel.checkpoint.format;

/**
 * The first 64 bytes of a file of either version, as they stand there; all unsigned.
 *
 * @param magic "10TPKCKR"
 * @param version 1 or 2
 * @param headerSize 56 or 64
 * @param totalSize as the header states it in version 1, the file's length in version 2
 * @param chunkCount chunks in the file
 * @param compression the code the writer was asked for
 * @param checksum CRC-32 of what follows the header in version 1, of the header in version 2
 * @param flags 0
 * @param createdAtMicros microseconds since the Unix epoch
 * @param reserved the eight bytes at 48 in version 1, 0 in version 2
 */
public record FileHeader(
    long magic,
    int version,
    int headerSize,
    long totalSize,
    int chunkCount,
    int compression,
    int checksum,
    int flags,
    long createdAtMicros,
    long reserved) {}
