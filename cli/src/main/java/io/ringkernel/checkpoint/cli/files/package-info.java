/**
 * Files of raw state and single checkpoint files, read and written within bounded memory, whole or
 * not at all.
 *
 * <p>Blocking calls run on {@link io.ringkernel.checkpoint.cli.files.FileThreads}. Nothing here
 * follows a link that somebody else may have put in place of an output.
 */
@NullMarked
package io.ringkernel.checkpoint.cli.files;

import org.jspecify.annotations.NullMarked;
