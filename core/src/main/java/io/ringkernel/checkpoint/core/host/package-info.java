/**
 * Kernels whose state lies in memory that the JVM can address, made of a description. Found by
 * {@link java.util.ServiceLoader} under the name {@code "host"}; not exported.
 */
@NullMarked
package io.ringkernel.checkpoint.core.host;

import org.jspecify.annotations.NullMarked;
