/**
 * How things are said to people and programs: harmless, aligned, and the same in every locale. It
 * knows nothing of checkpoints.
 */
@NullMarked
package io.ringkernel.checkpoint.cli.text;

import org.jspecify.annotations.NullMarked;
