/** The rkcp command line over stores and single checkpoint files. */
@NullMarked
package io.ringkernel.checkpoint.cli;

import org.jspecify.annotations.NullMarked;
