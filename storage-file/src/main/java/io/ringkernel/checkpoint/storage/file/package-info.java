/**
 * A storage that keeps named bytes as files: durable, atomic, and exact also between processes.
 *
 * <p>The object {@code sim/step-1} is the file {@code ROOT/sim/step-1.rkcp}: plain files, which any
 * tool can copy. Files that others put there are objects, too. A save writes a temporary file
 * beside its target, forces it to the disk, and renames it while it holds the store's lock (a mutex
 * in this JVM, a file lock between processes); then it forces the directory. A killed process
 * leaves a temporary file that nobody holds locked; the next opening that saves removes it.
 *
 * <p>Names that differ by case alone are refused, so that a store can be moved to any file system.
 * So saving a new name reads all names in its directory. Attributes are not kept.
 *
 * <p>All blocking calls run on at most a few daemon threads for each opening, {@code rkcp-file-*},
 * which end when idle and when the storage is closed.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.file;

import org.jspecify.annotations.NullMarked;
