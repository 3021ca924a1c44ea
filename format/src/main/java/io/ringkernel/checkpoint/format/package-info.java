/**
 * The {@code .rkcp} format, versions 1 and 2, without a storage: {@link
 * io.ringkernel.checkpoint.format.CheckpointCodec} turns a checkpoint into bytes and back, for
 * stores, sockets and databases alike.
 *
 * <p>Priorities: bytes that are not what was written never pass as state; what a file asks for is
 * checked against a limit before it is allocated; memory is bounded whatever the size; no byte is
 * copied that need not be. Encoders and readers do their computing on the codec's own bounded
 * scheduler; contents do their own I/O.
 */
@NullMarked
package io.ringkernel.checkpoint.format;

import org.jspecify.annotations.NullMarked;
