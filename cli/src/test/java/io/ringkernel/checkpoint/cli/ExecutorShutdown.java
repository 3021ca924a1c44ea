package io.ringkernel.checkpoint.cli;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * The JDK's executor takes its own lock for an instant when a task comes while it is shut down: a
 * command that ends closes its codec while the last worker reports its end.
 */
public final class ExecutorShutdown implements BlockHoundIntegration {
  @Override
  public void applyTo(BlockHound.Builder builder) {
    builder
        .allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor", "schedule")
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "addWorker")
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "processWorkerExit")
        .allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "tryTerminate");
  }
}
