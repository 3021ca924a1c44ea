package io.ringkernel.checkpoint.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which state a name stands for, where that takes more than the name. */
final class StateOptions {
  @Option(
      names = "--base",
      paramLabel = "NAME|FILE",
      description = "The base of a delta of version 1, if the store does not know it.")
  private @Nullable String base;

  @Option(
      names = "--member",
      paramLabel = "KERNEL",
      description = "For a group: the part of this kernel.")
  private @Nullable String member;

  /** The base that was given. */
  @Nullable String base() {
    return base;
  }

  /** The kernel that was given. */
  @Nullable String member() {
    return member;
  }
}
