package io.ringkernel.checkpoint.storage.s3;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * The SDK's client, made with the first request: looking for a region may read files and ask the
 * network, and so may looking for credentials, which the SDK does on the thread that sends.
 */
final class Connection {
  /** They only copy bytes between sockets and buffers. */
  private static final int EVENT_LOOPS =
      Math.min(4, Math.max(2, Runtime.getRuntime().availableProcessors()));

  private static final Duration LONGEST_END = Duration.ofSeconds(2);

  private final String bucket;
  private final ClientSettings settings;
  private @Nullable S3AsyncClient client;
  private @Nullable SdkEventLoopGroup eventLoops;
  private boolean closed;

  /**
   * @param bucket as errors name it
   */
  Connection(String bucket, ClientSettings settings) {
    this.bucket = bucket;
    this.settings = settings;
  }

  /** The client; only to be asked for on threads of our own. */
  synchronized S3AsyncClient client() {
    if (closed) {
      throw BlockingOperations.closed(bucket);
    }
    if (client == null) {
      if (eventLoops == null) {
        // Our own, as the SDK lets its own rest for two seconds before it ends them.
        eventLoops = SdkEventLoopGroup.builder().numberOfThreads(EVENT_LOOPS).build();
      }
      client = settings.client(eventLoops);
    }
    return client;
  }

  /** Ends the connections; may block. */
  synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
    if (eventLoops != null) {
      end(eventLoops.eventLoopGroup());
    }
  }

  private static void end(EventLoopGroup loops) {
    // There the client closes its connections, for which it needs the event loops.
    GlobalEventExecutor.INSTANCE.submit(() -> {}).awaitUninterruptibly();
    for (int round = 0; round < 2; round++) {
      // A cancelled request closes its connection on one loop, and tells of it on another.
      loops.forEach(loop -> loop.submit(() -> {}).awaitUninterruptibly());
    }
    loops
        .shutdownGracefully(0, LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
  }
}
