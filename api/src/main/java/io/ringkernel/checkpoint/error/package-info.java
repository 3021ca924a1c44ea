/**
 * The one unchecked hierarchy of everything that can go wrong with a checkpoint.
 *
 * <p>Every type says what was wrong, with which name or at which offset, and what to do about it;
 * causes are kept. Programs branch on the type, people read the message. {@code
 * IllegalArgumentException} and {@code NullPointerException} stay what they are: mistakes of the
 * calling program.
 */
@NullMarked
package io.ringkernel.checkpoint.error;

import org.jspecify.annotations.NullMarked;
