package io.ringkernel.checkpoint.kernel.adapter;

/**
 * Whether a kernel's memory holds one state. While a restore writes another one into it, it does
 * not, and a restore that ends half-way leaves it so: such a kernel is neither captured nor let run
 * on until a restore succeeds. One for each kernel, however it is worked on.
 */
public final class Wholeness {
  private volatile boolean whole = true;

  /** The wholeness of a kernel that holds its own state. */
  public Wholeness() {}

  /** Whether the memory holds one state. */
  public boolean isWhole() {
    return whole;
  }

  /** Says that parts of another state are going to be written. */
  public void writing() {
    whole = false;
  }

  /** Says that all of another state is written. */
  public void written() {
    whole = true;
  }
}
