package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Files changed at random, below and above their checksums: only {@link CheckpointException} comes
 * out, and no more memory is asked for than the limits allow. All work but the decompressing is
 * done on the test's thread, so that what it allocates can be counted.
 */
@Timeout(120)
class HostileFileTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  /** One block of the format's largest size, twice, and what a small file may cost otherwise. */
  private static final long MOST_BYTES = (3L << 24) + (8 << 20);

  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    63,
    64,
    4095,
    4096,
    0x7F,
    0x80,
    0xFF,
    0x7FFF_FFFFL,
    0x8000_0000L,
    0xFFFF_FFFFL,
    0xFFFF_FFFEL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -16,
    1L << 24,
    1L << 32,
    1L << 45,
    1L << 46
  };

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Workbench workbench =
      new Workbench(
          Schedulers.immediate(),
          1,
          new BufferPool(Workbench.BATCH_BYTES + Workbench.BATCH_OVERHEAD, 4 << 20),
          CompressionCodecs.of(new RunLengthCodec()));
  private final byte[] base = base();
  private final CheckpointFile opened = open(base);
  private final DecodeOptions options =
      DecodeOptions.builder()
          .maxIndexLength(1 << 20)
          .maxMetadataLength(1 << 20)
          .ancestors(id -> Mono.just(ChunkContent.of(base)))
          .build();

  private static byte[] base() {
    FileBuilder builder = new FileBuilder();
    builder.objectId = ObjectId.of(Bytes.random(16, 4));
    return builder.region("foreign", Bytes.random(2 * BLOCK, 3)).build();
  }

  private CheckpointFile open(byte[] bytes) {
    return Objects.requireNonNull(
        Version2Reader.open(ChunkContent.of(bytes), DecodeOptions.defaults(), workbench).block());
  }

  private FileBuilder valid() {
    BlockLocation foreign = Objects.requireNonNull(opened.locate(0, 1).block()).from(0);
    FileBuilder builder = new FileBuilder();
    builder.ancestors.add(
        new Ancestor(
            Objects.requireNonNull(opened.objectId()), Objects.requireNonNull(opened.rootHash())));
    return builder
        .chunk(ChunkType.CONTROL_BLOCK, 0, Bytes.random(300, 1))
        .compressed("runs", Bytes.join(Bytes.runs(BLOCK, 2), new byte[BLOCK], Bytes.runs(9, 2)))
        .delta("foreign", Bytes.random(2 * BLOCK, 3), Map.of(1, foreign))
        .chunk(ChunkType.CUSTOM, 1, new byte[3 * BLOCK]);
  }

  @Test
  void findsTheUnchangedFileWhole() {
    byte[] bytes = valid().build();
    assertThat(
            ReaderFixture.failure(
                Version2Reader.open(ChunkContent.of(bytes), options, workbench)
                    .flatMap(CheckpointFile::verifyAll)))
        .isNull();
  }

  @Test
  void survivesBytesChangedAtRandom() {
    byte[] file = valid().build();
    Random random = new Random(11);
    for (int i = 0; i < 4000; i++) {
      ByteBuffer changed = change(ByteBuffer.wrap(file.clone()), random);
      byte[] bytes = Arrays.copyOfRange(changed.array(), 0, changed.limit());
      exercise(bytes, "seed 11, file " + i);
    }
  }

  @Test
  void survivesMetadataChangedUnderARightChecksum() {
    exerciseAll(12, (builder, change) -> builder.metadataBytes = change);
  }

  @Test
  void survivesIndexPagesChangedUnderARightHash() {
    exerciseAll(13, (builder, change) -> builder.pageBytes = change);
  }

  @Test
  void survivesADirectoryChangedUnderARightHash() {
    exerciseAll(14, (builder, change) -> builder.directoryBytes = change);
  }

  @Test
  void survivesStoredBytesChangedUnderARightChecksum() {
    exerciseAll(
        15,
        (builder, change) ->
            builder.storedBytes =
                stored -> {
                  ByteBuffer changed = change.apply(ByteBuffer.wrap(stored.clone()));
                  return Arrays.copyOf(changed.array(), changed.limit());
                });
  }

  @Test
  void survivesAHeaderChangedUnderARightChecksum() {
    Random random = new Random(16);
    for (int i = 0; i < 1500; i++) {
      FileBuilder builder = valid();
      builder.header =
          h ->
              new Header(
                  random.nextBoolean() ? h.blockSize() : 1 << random.nextInt(32),
                  random.nextBoolean() ? h.metadataLength() : (int) pick(random),
                  h.metadataCrc32(),
                  (int) pick(random),
                  pick(random),
                  h.objectId());
      exercise(builder.build(), "seed 16, file " + i);
    }
  }

  private interface Hook {
    void set(FileBuilder builder, UnaryOperator<ByteBuffer> change);
  }

  private void exerciseAll(int seed, Hook hook) {
    Random random = new Random(seed);
    for (int i = 0; i < 1500; i++) {
      FileBuilder builder = valid();
      hook.set(builder, part -> random.nextInt(3) == 0 ? part : change(part, random));
      exercise(builder.build(), "seed " + seed + ", file " + i);
    }
  }

  /** One to three changes: a byte, a number that is likely to hurt, a cut, or more bytes. */
  private static ByteBuffer change(ByteBuffer original, Random random) {
    ByteBuffer part = ByteBuffer.allocate(original.remaining() + 64).order(ByteOrder.LITTLE_ENDIAN);
    part.put(original.duplicate()).flip();
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && part.limit() > 8; i++) {
      int at = random.nextInt(part.limit() - 7);
      switch (random.nextInt(6)) {
        case 0, 1 -> part.put(at, (byte) random.nextInt(256));
        case 2 -> part.putInt(at, (int) pick(random));
        case 3 -> part.putLong(at, pick(random));
        case 4 -> part.limit(random.nextInt(10) == 0 ? at : part.limit());
        default -> part.limit(Math.min(part.capacity(), part.limit() + random.nextInt(3)));
      }
    }
    return part;
  }

  private static long pick(Random random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private void exercise(byte[] bytes, String which) {
    long before = threads.getCurrentThreadAllocatedBytes();
    expectKnown(
        Version2Reader.readMetadata(ChunkContent.of(bytes), options), "metadata of " + which);
    Mono<CheckpointFile> open = Version2Reader.open(ChunkContent.of(bytes), options, workbench);
    expectKnown(open.flatMap(CheckpointFile::verifyIndex), "index of " + which);
    expectKnown(
        open.flatMap(file -> Flux.fromIterable(file.chunks()).concatMap(this::use).then()),
        "contents of " + which);
    expectKnown(
        open.filter(file -> file.checkpoint(() -> {}).size() < 1L << 32)
            .flatMap(CheckpointFile::verifyAll),
        which);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).as("bytes allocated for %s", which).isLessThan(MOST_BYTES);
    ReaderFixture.awaitZero(workbench.buffers()::open, "buffers held after " + which);
  }

  private Mono<Void> use(ChunkLayout layout) {
    ChunkContent content = layout.chunk().content();
    long size = content.size();
    Mono<Integer> start = content.read(0, ByteBuffer.allocate(3 * BLOCK));
    Mono<Integer> end = content.read(Math.max(0, size - 100), ByteBuffer.allocate(200));
    return Mono.whenDelayError(
        quietly(start), quietly(end), quietly(layout.chunk().fingerprints()));
  }

  /** Whatever is found in one place, the others are looked at too. */
  private static Mono<?> quietly(Mono<?> read) {
    return read.onErrorComplete(CheckpointException.class);
  }

  private static void expectKnown(Mono<?> work, String which) {
    try {
      work.block();
    } catch (CheckpointException expected) {
      assertThat(expected).hasMessageMatching("(?s).+");
    } catch (Throwable other) {
      throw new AssertionError(which + " ended with " + other, other);
    }
  }
}
