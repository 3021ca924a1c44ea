/**
 * The compression SPI: what a codec is, and how one is found.
 *
 * <p>A codec is a stateless factory; its compressors and decompressors carry native or scratch
 * state, belong to one thread at a time and are closed by whoever asked for them. All work on
 * {@link java.nio.ByteBuffer}s, heap and direct, without copying, and report exact lengths.
 * Malformed input is a {@link io.ringkernel.checkpoint.error.CorruptCheckpointException}, never a
 * crash of the JVM: native code gets both bounds.
 */
@NullMarked
package io.ringkernel.checkpoint.compression;

import org.jspecify.annotations.NullMarked;
