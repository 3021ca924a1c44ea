/**
 * Version 2, the indexed format; {@code docs/format.md} has the grammar. The records here lay out
 * one part of a file each, in both directions; the writer and the reader put them together. Not
 * exported.
 */
@NullMarked
package io.ringkernel.checkpoint.format.v2;

import org.jspecify.annotations.NullMarked;
