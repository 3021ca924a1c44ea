package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class IndexPagesTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  /** Raw, zero, compressed and raw blocks, and a short compressed one. */
  private final byte[] mixed =
      Bytes.join(
          Bytes.random(3 * BLOCK, 1),
          new byte[2 * BLOCK],
          Bytes.runs(4 * BLOCK, 2),
          Bytes.random(BLOCK, 3),
          Bytes.runs(BLOCK + 100, 4));

  private FileBuilder mixedFile() {
    return new FileBuilder()
        .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(200, 9))
        .compressed("mixed", mixed)
        .region("empty", new byte[0]);
  }

  private DataChunk mixedFrom(ChunkContent file) {
    return fixture.open(file, DecodeOptions.defaults()).chunks().get(1).chunk();
  }

  @Test
  void readsAnIndexPageOnceForAllWhoAskAtOnce() {
    byte[] content = Bytes.random(BLOCK * 5000, 8);
    byte[] bytes = new FileBuilder().region("state", content).build();
    AtomicInteger pageReads = new AtomicInteger();
    Sinks.Empty<Void> gate = Sinks.empty();
    ChunkContent file = new HeldPages(bytes, pageReads, gate.asMono());
    CheckpointFile opened = fixture.open(file, DecodeOptions.defaults());
    AtomicBoolean cancelledEarly = new AtomicBoolean();
    opened.locate(0, 1).doOnCancel(() -> cancelledEarly.set(true)).subscribe().dispose();
    Mono<List<BlockLocation>> many =
        Flux.range(0, 20).flatMap(i -> opened.locate(0, i), 20).collectList();
    StepVerifier.create(many)
        .then(() -> assertThat(pageReads.get()).isEqualTo(1))
        .then(gate::tryEmitEmpty)
        .assertNext(found -> assertThat(found).hasSize(20))
        .verifyComplete();
    assertThat(pageReads.get()).isEqualTo(1);
    assertThat(cancelledEarly).isTrue();
  }

  /** Reads of a whole index page wait for a gate, and are counted. */
  private record HeldPages(ChunkContent content, AtomicInteger pageReads, Mono<Void> gate)
      implements ChunkContent {
    HeldPages(byte[] bytes, AtomicInteger pageReads, Mono<Void> gate) {
      this(ChunkContent.of(bytes), pageReads, gate);
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      boolean page = target.remaining() > (64 << 10);
      return page
          ? gate.then(content.read(offset, target))
              .doOnSubscribe(subscription -> pageReads.incrementAndGet())
          : content.read(offset, target);
    }
  }

  @Test
  void triesAnIndexPageAgainAfterAFailure() {
    byte[] bytes = new FileBuilder().region("state", Bytes.random(BLOCK * 5000, 8)).build();
    AtomicInteger pageReads = new AtomicInteger();
    Mono<Void> failsOnce =
        Mono.defer(
            () ->
                pageReads.get() == 1
                    ? Mono.error(new StorageException("connection lost", true, null))
                    : Mono.empty());
    CheckpointFile opened =
        fixture.open(new HeldPages(bytes, pageReads, failsOnce), DecodeOptions.defaults());
    assertThat(failure(opened.locate(0, 0))).isInstanceOf(StorageException.class);
    assertThat(failure(opened.locate(0, 0))).isNull();
  }

  @Test
  void locatesBlocks() {
    CheckpointFile file = fixture.open(mixedFile().build());
    assertThat(file.chunks().get(1).blocks()).isEqualTo(12);
    BlockLocation raw = Objects.requireNonNull(file.locate(1, 1).block());
    assertThat(raw.kind()).isEqualTo(BlockLocation.Kind.RAW);
    assertThat(raw.storedLength()).isEqualTo(BLOCK);
    assertThat(file.locate(1, 3).block()).isEqualTo(BlockLocation.ZERO);
    BlockLocation packed = Objects.requireNonNull(file.locate(1, 11).block());
    assertThat(packed.codec()).isEqualTo(RunLengthCodec.CODE);
    assertThat(failure(file.locate(1, 12))).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(failure(file.locate(3, 0))).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void givesFingerprintsOfAllBlocks() {
    DataChunk chunk = mixedFrom(ChunkContent.of(mixedFile().build()));
    var prints = Objects.requireNonNull(chunk.fingerprints().block());
    assertThat(prints.count()).isEqualTo(12);
    assertThat(prints.blockSize()).isEqualTo(BLOCK);
    byte[] expected = new byte[16];
    for (int i = 0; i < 12; i++) {
      int end = Math.min(mixed.length, (i + 1) * BLOCK);
      io.ringkernel.checkpoint.format.wire.Fingerprinter.of(FingerprintAlgorithm.XXH3_128)
          .hash(ByteBuffer.wrap(mixed, i * BLOCK, end - i * BLOCK), expected, 0);
      assertThat(prints.get(i)).as("block %s", i).isEqualTo(expected);
    }
  }
}
