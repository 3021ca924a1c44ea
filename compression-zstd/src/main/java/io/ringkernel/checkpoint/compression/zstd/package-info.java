/**
 * Compression code 2, "zstd": Zstandard frames (RFC 8878), by zstd-jni.
 *
 * <p>Priorities, in this order: never a read or a write outside the buffers given; the exact bytes;
 * no copy where zstd-jni reaches the memory.
 *
 * <p>A block is exactly one frame that declares its content's size and has no checksum of its own
 * (the file format has one): a frame without the size, with another size, two frames, or a byte
 * behind the frame are refused before native code sees them. Streams are written as one frame with
 * a content checksum, and read as any number of frames, skippable ones between them. {@code zstd
 * -d} reads both. Levels are those of the {@code zstd} tool, from -5 ({@code --fast=5}) to 19; the
 * default is 3. Level 0, which the tool takes for its default, is 3 as well.
 *
 * <p>Copies: blocks are compressed where they lie when both buffers are direct or both heap, and
 * decompressed where they lie in all four combinations. What zstd-jni can't reach passes through
 * scratch memory: read-only heap buffers, and the direct one of a mixed pair when compressing.
 * Streams between direct buffers are not copied; heap buffers pass through direct pieces of 128
 * KiB, since zstd-jni would copy a whole array for each call.
 *
 * <p>Threading: the provider and its codec are for any thread; what the codec makes belongs to one
 * thread at a time and is closed by whoever asked for it. Use after close, use by two threads at
 * once, and close during use are each an {@code IllegalStateException}, not a crash.
 *
 * <p>Errors: malformed input is a {@link
 * io.ringkernel.checkpoint.error.CorruptCheckpointException}. A stream whose frame needs a window
 * above 8 MiB ({@code --ultra}, {@code --long}) is a {@link
 * io.ringkernel.checkpoint.error.LimitExceededException} that says how to recompress it. A native
 * library that can't be loaded is told by {@code codec()}, never while {@link
 * java.util.ServiceLoader} looks.
 *
 * <p>Memory, native, each: a block compressor at 64 KiB takes 0.5 MiB (level 3) to 1.5 MiB (19), a
 * frame compressor 3 MiB (level 3) to 90 MiB (19), a frame decompressor at most the window of 8 MiB
 * and a little. The pieces above are shared and take at most 8 MiB of direct memory in all.
 */
@NullMarked
package io.ringkernel.checkpoint.compression.zstd;

import org.jspecify.annotations.NullMarked;
