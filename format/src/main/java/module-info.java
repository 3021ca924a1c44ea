/** Reads and writes the bytes of a checkpoint, in format version 1 and 2, without a storage. */
module io.ringkernel.checkpoint.format {
  requires transitive io.ringkernel.checkpoint;
  requires com.dynatrace.hash4j;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.format;
}
