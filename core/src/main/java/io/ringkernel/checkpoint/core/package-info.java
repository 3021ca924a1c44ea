/** Saves, loads and restores kernels; storages and codecs are found through their SPIs. */
@NullMarked
package io.ringkernel.checkpoint.core;

import org.jspecify.annotations.NullMarked;
