/**
 * The contracts of storages, codecs and kernels as tests that a backend extends, and what they
 * share.
 *
 * <p>Each SPI has a package of its own: {@link io.ringkernel.checkpoint.tck.storage}, {@link
 * io.ringkernel.checkpoint.tck.codec} and {@link io.ringkernel.checkpoint.tck.kernel}; storages
 * that fail, dawdle and corrupt on demand are in {@link io.ringkernel.checkpoint.tck.fault}. A
 * contract is opted out of only by what a backend declares of itself, and after each test
 * everything that was lent must be back.
 */
@NullMarked
package io.ringkernel.checkpoint.tck;

import org.jspecify.annotations.NullMarked;
