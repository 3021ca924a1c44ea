/** The contracts of storages, codecs and kernels as tests that a backend extends. */
@NullMarked
package io.ringkernel.checkpoint.tck;

import org.jspecify.annotations.NullMarked;
