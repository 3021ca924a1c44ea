/** Reads and writes the bytes of a checkpoint, in format version 1 and 2, without a storage. */
module io.ringkernel.checkpoint.format {
  requires io.ringkernel.checkpoint;
  requires static org.jspecify;
}
