/**
 * What both format versions are made of: bounded cursors over bytes, the metadata record, checksums
 * and fingerprints. Not exported.
 */
@NullMarked
package io.ringkernel.checkpoint.format.wire;

import org.jspecify.annotations.NullMarked;
