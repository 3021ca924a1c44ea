package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** Who does what: a change of threads takes longer than much that is done between two of them. */
@ExtendWith(OnStandIn.class)
@Timeout(60)
class ThreadsTest {
  /** More than a stack has room for. */
  private static final int ROUNDS = 3000;

  private static final int PIECE = 4096;
  private static final byte[] STATE = Bytes.random(6 * PIECE, 3);

  private final Map<String, Thread> hooks = new ConcurrentHashMap<>();

  private KernelDescriptor.Builder describe(GpuMemory memory) {
    return KernelDescriptor.builder("k", "t")
        .region("state", memory.memory())
        .quiesce(
            () -> Mono.fromRunnable(() -> hooks.put("quiesce", Thread.currentThread())),
            () -> Mono.fromRunnable(() -> hooks.put("resume", Thread.currentThread())))
        .option("ring-buffers", "2")
        .option("ring-buffer-size", Integer.toString(PIECE));
  }

  private static AdaptedKernel adapt(KernelDescriptor.Builder descriptor) {
    return new CudaKernelAdapterProvider().adapt(descriptor.build());
  }

  /** A base of which every block differs. */
  private static Checkpoint other() {
    byte[] fingerprints = new byte[STATE.length / PIECE * 16];
    DataChunk chunk =
        DataChunk.region("state", ChunkContent.of(new byte[STATE.length]))
            .withFingerprints(
                Mono.just(
                    BlockFingerprints.of(PIECE, FingerprintAlgorithm.XXH3_128, fingerprints)));
    return Checkpoint.of(CheckpointMetadata.builder("k", "t").build(), List.of(chunk), () -> {});
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKernelIsStoppedAndCopiedAndLetRunOnByOneThread(boolean compared) {
    try (GpuMemory memory = new GpuMemory(STATE)) {
      AdaptedKernel kernel = adapt(describe(memory).option("block-size", Integer.toString(PIECE)));
      Mono<Checkpoint> captured =
          compared ? kernel.createIncrementalCheckpoint(other()) : kernel.createCheckpoint();
      try (Checkpoint made = captured.block(Bytes.LONG)) {
        assertThat(made.chunks().get(0).changedBlocks().isPresent()).isEqualTo(compared);
      }
      assertThat(hooks.get("quiesce").getName()).startsWith("rkcp-cuda-k-");
      assertThat(hooks.get("resume")).isSameAs(hooks.get("quiesce"));
      kernel.close().block(Bytes.LONG);
    }
  }

  @Test
  void aPersistentKernelIsAskedAllOfItByOneThread() {
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      Queue<Thread> answered = new ConcurrentLinkedQueue<>();
      Mono<Void> here = Mono.fromRunnable(() -> answered.add(Thread.currentThread()));
      Handshake handshake = wave.handshake();
      handshake
          .quiesce()
          .then(here)
          .then(Mono.defer(handshake::resume))
          .then(here)
          .block(Bytes.LONG);
      assertThat(answered.peek().getName()).matches("rkcp-cuda-.+-handshake-answers-\\d+");
      assertThat(answered).hasSize(2).containsOnly(answered.peek());
    }
  }

  @Test
  void aKernelMayBeAskedAgainAndAgainFromWithinAnAnswer() {
    try (PersistentWave wave = new PersistentWave(0, Bytes.LONG).launch()) {
      AtomicInteger rounds = new AtomicInteger();
      askAgain(wave.handshake(), rounds).block(Bytes.LONG);
      assertThat(rounds).hasValue(ROUNDS);
    }
  }

  private static Mono<Void> askAgain(Handshake handshake, AtomicInteger rounds) {
    return handshake
        .quiesce()
        .then(Mono.defer(handshake::resume))
        .then(
            Mono.defer(
                () ->
                    rounds.incrementAndGet() < ROUNDS
                        ? askAgain(handshake, rounds)
                        : Mono.empty()));
  }

  /** Two reads that wait for each other: one after the other they would wait for ever. */
  private static final class InPairs implements ChunkContent {
    private final ChunkContent bytes = ChunkContent.of(STATE);
    private final CyclicBarrier both = new CyclicBarrier(2);
    private final Map<Thread, Boolean> readers = new ConcurrentHashMap<>();

    @Override
    public long size() {
      return bytes.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.defer(
          () -> {
            readers.put(Thread.currentThread(), true);
            try {
              both.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new IllegalStateException("nobody else reads", e);
            }
            return bytes.read(offset, target);
          });
    }
  }

  @Test
  void contentInMemoryIsCopiedToSeveralPinnedBuffersAtOnce() {
    try (GpuMemory memory = new GpuMemory(new byte[STATE.length])) {
      AdaptedKernel kernel = adapt(describe(memory));
      InPairs content = new InPairs();
      try (Checkpoint checkpoint =
          Checkpoint.of(
              CheckpointMetadata.builder("k", "t").build(),
              List.of(DataChunk.region("state", content)),
              () -> {})) {
        kernel.restoreFromCheckpoint(checkpoint).block(Bytes.LONG);
      }
      assertThat(memory.read()).isEqualTo(STATE);
      assertThat(content.readers.keySet())
          .allMatch(reader -> reader.getName().startsWith("rkcp-cuda-k-"));
      kernel.close().block(Bytes.LONG);
    }
  }
}
