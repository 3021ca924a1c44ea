package io.ringkernel.checkpoint.core;

/** An error of somebody else's code that fails again when it is asked what is wrong. */
final class UntellableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  @Override
  public String getMessage() {
    throw new IllegalStateException("no words");
  }
}
