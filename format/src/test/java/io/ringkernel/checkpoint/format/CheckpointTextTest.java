package io.ringkernel.checkpoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.tck.fault.ScriptedContent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** How a file is told, whatever its version; the golden files' own texts are compared elsewhere. */
class CheckpointTextTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void escapesWhatATerminalWouldActOnAndWhatItsOwnSyntaxNeeds() {
    StringBuilder ascii = new StringBuilder();
    for (char c = 0; c < 128; c++) {
      ascii.append(c);
    }

    assertThat(lines(new ToldFile(ascii.toString(), ChunkContent.empty())))
        .contains(
            "kernel_id \"%00%01%02%03%04%05%06%07%08%09%0A%0B%0C%0D%0E%0F"
                + "%10%11%12%13%14%15%16%17%18%19%1A%1B%1C%1D%1E%1F%20"
                + "!%22#$%25&'()*+,-./0123456789:;<%3D>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                + "abcdefghijklmnopqrstuvwxyz{|}~%7F\"");
  }

  @Test
  void escapesTheBytesOfOtherText() {
    assertThat(lines(new ToldFile("é🚀", ChunkContent.empty())))
        .contains("kernel_id \"%C3%A9%F0%9F%9A%80\"");
  }

  @Test
  void tellsEveryFieldUnsignedAndReservedBytesInTheOrderOfTheFile() {
    assertThat(lines(new ToldFile("k", ChunkContent.of(new byte[] {'a', 'b', 'c'}))))
        .containsExactly(
            "magic 0xffffffffffffffff",
            "version 4294967294",
            "header_size 4294967293",
            "total_size 18446744073709551612",
            "chunk_count 4294967291",
            "compression 4294967290",
            "checksum 0xfffffff9",
            "flags 4294967288",
            "created_at 18446744073709551607",
            "reserved 0102030405060708",
            "kernel_id \"k\"",
            "kernel_type \"\"",
            "step 18446744073709551615",
            "grid 0 0 0",
            "tile 0 0 0",
            "hlc 0 0 0",
            "custom_count 1",
            "custom \"x%3Dy\"=\"z\"",
            "chunks 1",
            "chunk 0 type 4294967295 flags 4294967295 usize 18446744073709551615"
                + " csize 18446744073709551614 id 0xffffffffffffffff len 3 crc32 0x352441c2");
  }

  @Test
  void readsStateOnlyWhenItsTurnComesAndClosesWhatItOpened() {
    StepVerifier.create(CheckpointText.lines(new ToldFile("k", counted(600_000))), 19)
        .expectNextCount(19)
        .then(() -> assertThat(closed.get()).isZero())
        .thenRequest(1)
        .expectNextMatches(line -> line.contains(" len 600000 "))
        .verifyComplete();

    assertThat(reads.get()).isEqualTo(3);
    assertThat(closed.get()).isEqualTo(1);
  }

  @Test
  void doesNothingBeforeItIsSubscribedTo() {
    CheckpointText.lines(new ToldFile("k", counted(1)));

    assertThat(reads.get()).isZero();
  }

  @Test
  void closesWhatItOpenedWhenCancelled() {
    StepVerifier.create(CheckpointText.lines(new ToldFile("k", counted(9))), 1)
        .expectNextCount(1)
        .thenCancel()
        .verify(PATIENCE);

    assertThat(closed.get()).isEqualTo(1);
  }

  @Test
  void failsWhereTheStateCantBeRead() {
    ChunkContent lost = ScriptedContent.failing(1, new IllegalStateException("connection lost"));

    assertThatThrownBy(() -> lines(new ToldFile("k", lost))).hasMessage("connection lost");
    assertThat(closed.get()).isEqualTo(1);
  }

  private static List<String> lines(CheckpointFile file) {
    return CheckpointText.lines(file).collectList().blockOptional(PATIENCE).orElseThrow();
  }

  private ChunkContent counted(int size) {
    return new ScriptedContent(
        size,
        (offset, target) ->
            Mono.fromSupplier(
                () -> {
                  reads.incrementAndGet();
                  int length = target.remaining();
                  target.position(target.limit());
                  return length;
                }));
  }

  /** A file with one chunk and, but for what is told, numbers that are negative when signed. */
  private final class ToldFile implements CheckpointFile {
    private final CheckpointMetadata metadata;
    private final DataChunk chunk;

    ToldFile(String kernelId, ChunkContent content) {
      metadata = CheckpointMetadata.builder(kernelId, "").step(-1).custom("x=y", "z").build();
      chunk = DataChunk.of(new ChunkType(-1), -1, content).withFlags(-1);
    }

    @Override
    public FileHeader header() {
      return new FileHeader(-1, -2, -3, -4, -5, -6, -7, -8, -9, 0x0807060504030201L);
    }

    @Override
    public CheckpointMetadata metadata() {
      return metadata;
    }

    @Override
    public List<ChunkLayout> chunks() {
      return List.of(new ChunkLayout(chunk, 0, -1, -2, 0, 0));
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public int blockSize() {
      return 0;
    }

    @Override
    public @Nullable ObjectId objectId() {
      return null;
    }

    @Override
    public @Nullable RootHash rootHash() {
      return null;
    }

    @Override
    public List<Ancestor> ancestors() {
      return List.of();
    }

    @Override
    public Optional<FingerprintAlgorithm> fingerprints() {
      return Optional.empty();
    }

    @Override
    public Checkpoint checkpoint(Runnable onClose) {
      return Checkpoint.of(metadata, List.of(chunk), closed::incrementAndGet);
    }

    @Override
    public Mono<BlockIndex> blockIndex(long maxWeight) {
      return Mono.empty();
    }

    @Override
    public Flux<OwnedBuffer> flattened(
        ObjectId id, long maxIndexWeight, Consumer<EncodedFile> written) {
      return Flux.empty();
    }

    @Override
    public Mono<BlockLocation> locate(int chunkIndex, long block) {
      return Mono.empty();
    }

    @Override
    public Mono<Void> verifyAncestors() {
      return Mono.empty();
    }

    @Override
    public Mono<Void> verifyIndex() {
      return Mono.empty();
    }

    @Override
    public Mono<Void> verifyAll() {
      return Mono.empty();
    }

    @Override
    public Mono<Void> verifyOwnBytes() {
      return Mono.empty();
    }
  }
}
