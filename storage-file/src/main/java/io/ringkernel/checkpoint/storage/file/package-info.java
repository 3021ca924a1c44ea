/** Keeps named bytes as files: durable, atomic, and exact also between processes. */
@NullMarked
package io.ringkernel.checkpoint.storage.file;

import org.jspecify.annotations.NullMarked;
