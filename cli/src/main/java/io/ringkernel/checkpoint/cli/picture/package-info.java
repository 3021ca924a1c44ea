/**
 * Pictures of which blocks changed, as PNG.
 *
 * <p>Drawn without java.desktop, which takes longer to start than the rest of a command. Nothing
 * here does I/O or is shared between threads.
 */
@NullMarked
package io.ringkernel.checkpoint.cli.picture;

import org.jspecify.annotations.NullMarked;
