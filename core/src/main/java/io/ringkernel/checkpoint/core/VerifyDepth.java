package io.ringkernel.checkpoint.core;

/** How much of a checkpoint is verified. */
public enum VerifyDepth {
  /** Header, metadata and index; of version 1, which has no index, the whole file. */
  QUICK,
  /** Every byte, and the blocks it refers to in other objects. */
  FULL
}
