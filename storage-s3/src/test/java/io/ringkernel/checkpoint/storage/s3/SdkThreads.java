package io.ringkernel.checkpoint.storage.s3;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * The SDK closes its idle connections on a thread that Netty keeps for such chores, and waits
 * there. No connection is served by that thread.
 */
public final class SdkThreads implements BlockHoundIntegration {
  @Override
  public void applyTo(BlockHound.Builder builder) {
    builder.allowBlockingCallsInside("io.netty.channel.pool.SimpleChannelPool", "close");
  }
}
