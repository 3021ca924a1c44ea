package io.ringkernel.checkpoint.core;

/** Whether a checkpoint stands alone. */
public enum CheckpointKind {
  /** Holds all its blocks. */
  FULL,
  /** Refers to blocks, or to a base, in other objects. */
  DELTA
}
