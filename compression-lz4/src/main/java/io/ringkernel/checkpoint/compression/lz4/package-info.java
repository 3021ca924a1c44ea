/** Compression code 1: LZ4 blocks and frames. */
@NullMarked
package io.ringkernel.checkpoint.compression.lz4;

import org.jspecify.annotations.NullMarked;
