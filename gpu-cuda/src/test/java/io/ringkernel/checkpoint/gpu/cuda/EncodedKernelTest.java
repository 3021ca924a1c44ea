package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** A kernel's state goes into a file of either version and from there to another device. */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class EncodedKernelTest {
  private static final byte[] LARGE = Bytes.random(3_000_017, 1);
  private static final byte[] SMALL = Bytes.random(100, 2);

  private static AdaptedKernel kernel(
      int device, GpuMemory large, GpuMemory small, String capture) {
    KernelDescriptor.Builder descriptor =
        KernelDescriptor.builder("k", "t")
            .standsStill()
            .controlBlock(small.memory())
            .region("large", large.memory());
    Map.of(
            "device",
            Integer.toString(device),
            "capture",
            capture,
            "ring-buffers",
            "2",
            "ring-buffer-size",
            "300000")
        .forEach(descriptor::option);
    return new CudaKernelAdapterProvider().adapt(descriptor.build());
  }

  @ParameterizedTest
  @CsvSource({"1, shadow", "2, shadow", "2, straight"})
  void movesToAnotherDeviceThroughAFile(int version, String capture) {
    try (CheckpointCodec codec = CheckpointCodec.create();
        GpuMemory small = new GpuMemory(SMALL);
        GpuMemory large = new GpuMemory(LARGE);
        GpuMemory otherSmall = new GpuMemory(1, new byte[SMALL.length]);
        GpuMemory otherLarge = new GpuMemory(1, new byte[LARGE.length])) {
      AdaptedKernel source = kernel(0, large, small, capture);
      AdaptedKernel target = kernel(1, otherLarge, otherSmall, capture);
      byte[] file;
      try (Checkpoint checkpoint = source.createCheckpoint().block(Bytes.LONG)) {
        file = encode(codec, checkpoint, version);
      }
      try (Checkpoint loaded =
          codec.decode(ChunkContent.of(file), DecodeOptions.defaults()).block(Bytes.LONG)) {
        target.restoreFromCheckpoint(loaded).block(Bytes.LONG);
      }
      assertThat(otherSmall.read()).isEqualTo(SMALL);
      assertThat(otherLarge.read()).isEqualTo(LARGE);
      source.close().block(Bytes.LONG);
      target.close().block(Bytes.LONG);
    }
  }

  /** Takes a file's buffers, but only as many as it is told to. */
  private static final class Taker extends BaseSubscriber<OwnedBuffer> {
    private final AtomicLong taken = new AtomicLong();
    private final AtomicBoolean done = new AtomicBoolean();

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      subscription.request(3);
    }

    @Override
    protected void hookOnNext(OwnedBuffer buffer) {
      taken.addAndGet(buffer.buffer().remaining());
      buffer.close();
    }

    @Override
    protected void hookOnComplete() {
      done.set(true);
    }
  }

  /** Bytes copied out of devices, in all. */
  private static final class Copied {
    private long bytes;
    private int same;

    long now() {
      long more = StandIn.copiedOut();
      bytes += more;
      same = more == 0 ? same + 1 : 0;
      return bytes;
    }

    boolean isResting() {
      return now() > 0 && same > 50;
    }
  }

  /** Copies overlap with whatever is done with the file; how far ahead is not the state's size. */
  @Test
  void isCopiedAheadOfWhoTakesTheFileAndNotWithoutBounds() {
    int size = 72 << 20;
    int most = 48 << 20;
    try (CheckpointCodec codec = CheckpointCodec.create();
        GpuMemory small = new GpuMemory(SMALL);
        GpuMemory large = new GpuMemory(Bytes.random(size, 1))) {
      AdaptedKernel kernel = kernel(0, large, small, "straight");
      try (Checkpoint checkpoint = kernel.createCheckpoint().block(Bytes.LONG)) {
        long unused = StandIn.copiedOut();
        Copied copied = new Copied();
        Taker taker = new Taker();
        codec.encode(checkpoint, EncodeOptions.builder().build()).subscribe(taker);
        Patience.until("it waits for the taker", copied::isResting);
        assertThat(copied.now()).isBetween(taker.taken.get() + 1, taker.taken.get() + most);
        taker.request(Long.MAX_VALUE);
        Patience.until("all is taken", taker.done::get);
        assertThat(copied.now()).isEqualTo(size + SMALL.length);
      }
      kernel.close().block(Bytes.LONG);
    }
  }

  private static byte[] encode(CheckpointCodec codec, Checkpoint checkpoint, int version) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    EncodeOptions options = EncodeOptions.builder().formatVersion(version).build();
    codec.encode(checkpoint, options).doOnNext(buffer -> add(file, buffer)).blockLast(Bytes.LONG);
    return file.toByteArray();
  }

  private static void add(ByteArrayOutputStream file, OwnedBuffer buffer) {
    byte[] bytes = new byte[buffer.buffer().remaining()];
    buffer.buffer().get(bytes);
    file.writeBytes(bytes);
    buffer.close();
  }
}
