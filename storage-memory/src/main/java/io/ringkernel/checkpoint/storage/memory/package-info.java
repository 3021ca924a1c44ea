/**
 * Keeps named bytes in the heap: the reference backend of the storage contract.
 *
 * <p>{@code memory:} is a new store that nobody else sees; {@code memory:NAME} is one store for
 * everybody in the JVM, which stays until the JVM ends, so that a test can close it and open it
 * again as a restarted process would. Content lies in segments and may exceed 2 GiB. What is read
 * is a copy: a reader can't change what is stored.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.memory;

import org.jspecify.annotations.NullMarked;
