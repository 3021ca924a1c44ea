package io.ringkernel.checkpoint.core;

import java.time.Duration;

/** A process with one kernel that takes part in a group's next cut. */
public final class GroupMember {
  private GroupMember() {}

  /**
   * Runs one.
   *
   * @param args the store's URI, and how far it gets: {@code saved}, or {@code quiesced}, where it
   *     is killed
   */
  public static void main(String[] args) {
    StampingKernel kernel = new StampingKernel("right").start();
    if (args[1].equals("quiesced")) {
      kernel.quiesceWay.set(stop -> stop.doOnSuccess(done -> Runtime.getRuntime().halt(0)));
    }
    Checkpointer checkpointer = Checkpointer.open(args[0]);
    GroupRequest request = GroupRequest.of("g").pollInterval(Duration.ofMillis(10));
    GroupReceipt receipt =
        checkpointer.groups().join(request, kernel.kernel()).block(TestStates.LONG);
    System.out.println(receipt.name());
    System.out.println(kernel.runs());
    checkpointer.close().block(TestStates.LONG);
    kernel.close();
  }
}
