package io.ringkernel.checkpoint.benchmarks;

import java.io.IOException;

/** One budget: something we do, beside the limit it is measured by. */
interface Contest extends AutoCloseable {
  /** What is measured, for a table. */
  String name();

  /** What the limit is, for a table. */
  String limitName();

  /** Bytes of state that one turn moves. */
  long bytes();

  /** The least share of the limit's rate that ours must reach. */
  double budget();

  /**
   * How many times the limit's measured rate the limit is: the number of cores, where it is
   * measured on one.
   */
  default int limitFactor() {
    return 1;
  }

  /** Moves the bytes our way. */
  void ours() throws Exception;

  /** Moves the bytes the limit's way. */
  void limit() throws Exception;

  /** Undoes a turn of either, outside the measured time. */
  default void cleanUp() throws Exception {}

  @Override
  default void close() throws IOException {}
}
