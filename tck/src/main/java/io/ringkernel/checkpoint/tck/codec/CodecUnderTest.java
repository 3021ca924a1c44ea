package io.ringkernel.checkpoint.tck.codec;

import io.ringkernel.checkpoint.compression.CompressionCodecProvider;

/** A codec as the contract sees it: what provides it, and what it declares about itself. */
public interface CodecUnderTest {
  /** The provider under test; may be a new one for each call. */
  CompressionCodecProvider provider();

  /**
   * Whether the codec's frames carry a checksum of their content, so that no damage goes unnoticed.
   * Without one, damage must still be either reported or give some content, and never cause a
   * crash.
   */
  default boolean framesCarryChecksums() {
    return true;
  }

  /** How many pooled or native things of the codec are in use in all of the JVM, if it counts. */
  default int openResources() {
    return 0;
  }
}
