/**
 * Compression code 1, "lz4": raw LZ4 blocks and standard LZ4 frames, by the native side of
 * lz4-java.
 *
 * <p>Priorities, in this order: never a read or a write outside the buffers given; the exact bytes;
 * no copy where native code reaches the memory, which is direct buffers and heap buffers with an
 * array. A read-only heap buffer hides its array and is copied into scratch memory first.
 *
 * <p>Levels are those of the {@code lz4} tool: 1 is the fast compressor and the default, 2 to 12
 * are high compression. Native code alone is used: lz4-java's Java compressors make other bytes of
 * the same input, and the same input and level must always give the same bytes.
 *
 * <p>Frames are written with independent blocks of 1 MiB and a content checksum; {@code lz4 -d}
 * reads them. Every standard frame is read, also concatenated, skippable, and with linked blocks
 * ({@code lz4 -BD}), which lz4-java can't decode and {@link
 * io.ringkernel.checkpoint.compression.lz4.SequenceDecoder} does. Frames that need a dictionary and
 * the legacy format are refused with the command that makes a readable one.
 *
 * <p>Threading: the provider and its codec are for any thread; what the codec makes belongs to one
 * thread at a time and is closed by whoever asked for it. Use after close is an {@code
 * IllegalStateException}.
 *
 * <p>Errors: malformed input is a {@link io.ringkernel.checkpoint.error.CorruptCheckpointException}
 * with the offset of the offending sequence or field, relative to the start of the block or of the
 * stream. A native library that can't be loaded is told by {@code codec()}, never while {@link
 * java.util.ServiceLoader} looks.
 *
 * <p>Memory: a block compressor holds 16 KiB (level 1) or 256 KiB; a frame compressor 1 MiB more; a
 * frame decompressor at most two blocks of 4 MiB and 64 KiB of history, and only what the frame at
 * hand makes necessary.
 */
@NullMarked
package io.ringkernel.checkpoint.compression.lz4;

import org.jspecify.annotations.NullMarked;
