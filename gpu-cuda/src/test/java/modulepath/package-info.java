/** A program outside of the adapter's package, which belongs to its module where that is one. */
@NullMarked
package modulepath;

import org.jspecify.annotations.NullMarked;
