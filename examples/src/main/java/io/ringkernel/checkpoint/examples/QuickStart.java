package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.core.Checkpointer;

/**
 * The README's quick start; a test runs it, and compares the lines between the markers with the
 * README.
 */
public final class QuickStart {
  private QuickStart() {}

  /**
   * Runs it.
   *
   * @param args the store's URI, for example {@code file:/var/lib/sim}
   */
  public static void main(String[] args) {
    run(args[0]);
  }

  private static void run(String store) {
    // quick start
    Checkpointer checkpointer = Checkpointer.open(store); // for example "file:/var/lib/sim"
    try (WaveKernel kernel = WaveKernel.start("wave-0", WaveSetup.ofSize(64))) {
      kernel
          .runTo(100)
          .then(checkpointer.save(kernel)) // captured in a moment, stored while the kernel runs on
          .doOnNext(receipt -> System.out.println("saved " + receipt.name()))
          .then(kernel.runTo(150))
          .then(checkpointer.restoreLatest(kernel)) // the newest that verifies, bit for bit
          .doOnNext(receipt -> System.out.println("restored " + receipt.checkpoint().name()))
          .then(checkpointer.close())
          .block();
    }
    // end of quick start
  }
}
