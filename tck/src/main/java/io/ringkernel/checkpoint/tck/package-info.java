/**
 * The contracts of storages, codecs and kernels as tests that a backend extends, and what they
 * share.
 *
 * <p>Each SPI has a package of its own: {@link io.ringkernel.checkpoint.tck.storage}, {@link
 * io.ringkernel.checkpoint.tck.codec} and {@link io.ringkernel.checkpoint.tck.kernel}; storages
 * that fail, delay and corrupt on demand are in {@link io.ringkernel.checkpoint.tck.fault}. A
 * backend opts out of a contract only by what it declares of itself. After each test everything
 * that was lent must be back.
 */
@NullMarked
package io.ringkernel.checkpoint.tck;

import org.jspecify.annotations.NullMarked;
