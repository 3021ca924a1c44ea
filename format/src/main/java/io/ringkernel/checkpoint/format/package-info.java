/** Reads and writes the bytes of a checkpoint, in format version 1 and 2, without a storage. */
@NullMarked
package io.ringkernel.checkpoint.format;

import org.jspecify.annotations.NullMarked;
