package io.ringkernel.checkpoint.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Ending a thread may block, and does so here: a codec can be closed anywhere all the same. */
class CheckpointCodecCloseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String DECORATOR = "slow-shutdown";

  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger submitted = new AtomicInteger();

  @BeforeEach
  void makeShutdownSlow() {
    Schedulers.parallel();
    Schedulers.addExecutorServiceDecorator(DECORATOR, (scheduler, threads) -> slow(threads));
  }

  @AfterEach
  void makeShutdownNormal() {
    Schedulers.removeExecutorServiceDecorator(DECORATOR);
  }

  private ScheduledExecutorService slow(ScheduledExecutorService threads) {
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              if (method.getName().matches("submit|schedule|execute")) {
                submitted.incrementAndGet();
              }
              boolean shutdown = method.getName().startsWith("shutdown");
              if (shutdown) {
                Thread.sleep(1);
              }
              Object result = call(threads, method, arguments);
              if (shutdown) {
                ended.incrementAndGet();
              }
              return result;
            });
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Test
  void canBeClosedOnAThreadThatMustNotBlock() {
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(2).build();

    // BlockHound fails what blocks on a thread of this scheduler.
    Mono.fromRunnable(codec::close).subscribeOn(Schedulers.parallel()).block(PATIENCE);

    Patience.until("both threads have ended", () -> ended.get() == 2);
  }

  @Test
  void isClosedWhenCloseReturnsWhereTheCallerMayBlock() {
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(2).build();

    codec.close();

    assertThat(ended).hasValue(2);
  }

  /** Whoever reads into memory that others will use waits for the end of a read, also of this. */
  @Test
  @Timeout(60)
  void endsWhatIsUnderWay() throws InterruptedException {
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build();
    Checkpoint state = twoRegions();
    byte[] file =
        codec
            .encode(state, EncodeOptions.builder().build())
            .reduceWith(ByteArrayOutputStream::new, CheckpointCodecCloseTest::append)
            .map(ByteArrayOutputStream::toByteArray)
            .block(PATIENCE);
    Checkpoint stored =
        codec.decode(ChunkContent.of(file), DecodeOptions.defaults()).block(PATIENCE);
    CountDownLatch busy = new CountDownLatch(1);
    AtomicBoolean release = new AtomicBoolean();
    var first =
        read(stored, "a")
            .doOnNext(
                read -> {
                  busy.countDown();
                  while (!release.get()) {
                    Thread.onSpinWait();
                  }
                })
            .materialize()
            .toFuture();
    busy.await();
    int before = submitted.get();
    var second = read(stored, "b").materialize().toFuture();
    Patience.until("its work waits for the only worker", () -> submitted.get() > before);

    codec.close();
    release.set(true);

    assertThat(first).succeedsWithin(PATIENCE);
    assertThat(second).succeedsWithin(PATIENCE);
    assertThat(read(stored, "b").materialize().toFuture()).succeedsWithin(PATIENCE);
  }

  private static Checkpoint twoRegions() {
    return Checkpoint.builder(CheckpointMetadata.builder("fdtd", "wave").build())
        .deviceMemory("a", ChunkContent.of(random(1)))
        .deviceMemory("b", ChunkContent.of(random(2)))
        .build();
  }

  private static byte[] random(long seed) {
    byte[] bytes = new byte[100_000];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static Mono<Integer> read(Checkpoint stored, String region) {
    return Mono.defer(
        () -> stored.region(region).orElseThrow().content().read(0, ByteBuffer.allocate(100_000)));
  }

  private static ByteArrayOutputStream append(ByteArrayOutputStream all, OwnedBuffer owned) {
    try (owned) {
      byte[] part = new byte[owned.buffer().remaining()];
      owned.buffer().get(part);
      all.writeBytes(part);
      return all;
    }
  }
}
