/** Compression code 2: Zstandard frames. */
@NullMarked
package io.ringkernel.checkpoint.compression.zstd;

import org.jspecify.annotations.NullMarked;
