/** Keeps named bytes in the heap: the reference backend of the storage contract. */
@NullMarked
package io.ringkernel.checkpoint.storage.memory;

import org.jspecify.annotations.NullMarked;
