package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.assertSame;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** A full file, a delta on it that keeps most of its blocks, and what can be wrong between them. */
class AncestorTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;
  private static final ObjectId BASE = ObjectId.of(Bytes.random(16, 77));

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  private final byte[] content =
      Bytes.join(Bytes.random(20 * BLOCK, 1), Bytes.runs(20 * BLOCK, 2), Bytes.random(100, 3));
  private final AtomicInteger found = new AtomicInteger();
  private byte[] base = new byte[0];
  private byte[] delta = new byte[0];
  private byte[] changed = new byte[0];

  @BeforeEach
  void makeBaseAndDelta() {
    FileBuilder full = new FileBuilder();
    full.objectId = BASE;
    base = full.compressed("state", content).build();
    changed = content.clone();
    changed[5 * BLOCK + 17]++;
    Arrays.fill(changed, 9 * BLOCK, 10 * BLOCK, (byte) 0);
    delta = delta(fixture.open(base)).build();
  }

  private FileBuilder delta(CheckpointFile on) {
    Map<Integer, BlockLocation> kept = new HashMap<>();
    for (int i = 0; i < 41; i++) {
      if (i != 5 && i != 9) {
        kept.put(i, Objects.requireNonNull(on.locate(0, i).block()).from(0));
      }
    }
    FileBuilder builder = new FileBuilder();
    builder.ancestors.add(new Ancestor(BASE, Objects.requireNonNull(on.rootHash())));
    return builder.delta("state", changed, kept);
  }

  private CheckpointFile openDelta(Mono<ChunkContent> ancestor) {
    return fixture.open(
        ChunkContent.of(delta),
        DecodeOptions.builder()
            .ancestors(
                id -> {
                  found.incrementAndGet();
                  assertThat(id).isEqualTo(BASE);
                  return ancestor;
                })
            .build());
  }

  private static Mono<Integer> readAll(CheckpointFile file) {
    DataChunk chunk = file.chunks().get(0).chunk();
    return chunk.content().read(0, java.nio.ByteBuffer.allocate((int) chunk.size()));
  }

  @Test
  void givesTheStateFromBothFiles() {
    for (ChunkContent file : Arrays.asList(ChunkContent.of(base), fixture.onDisk(base))) {
      CheckpointFile opened = openDelta(Mono.just(file));
      assertSame(ReaderFixture.read(opened.chunks().get(0).chunk()), changed);
      assertThat(failure(opened.verifyIndex())).isNull();
      assertThat(failure(opened.verifyAll())).isNull();
    }
    assertThat(delta.length).isLessThan(3 * BLOCK);
  }

  @Test
  void opensAnAncestorOnceAndOnlyWhenABlockOfItIsRead() {
    CheckpointFile opened = openDelta(Mono.just(ChunkContent.of(base)));
    DataChunk chunk = opened.chunks().get(0).chunk();
    assertSame(
        ReaderFixture.read(chunk, 5 * BLOCK, BLOCK),
        Arrays.copyOfRange(changed, 5 * BLOCK, 6 * BLOCK));
    assertThat(found.get()).isZero();
    Flux.range(0, 20).flatMap(i -> readAll(opened)).blockLast();
    assertThat(found.get()).isEqualTo(1);
  }

  @Test
  void readsInOneRequestWhatLiesScatteredInTheAncestor() {
    FileOnDisk file = fixture.onDisk(base);
    readAll(openDelta(Mono.just(file))).block();
    // Its end, and all blocks.
    assertThat(file.reads.get()).isEqualTo(2);
  }

  private BaseMismatchException mismatch(CheckpointFile opened) {
    Throwable failure = failure(readAll(opened));
    assertThat(failure).isInstanceOf(BaseMismatchException.class).hasMessageContaining(BASE.hex());
    return (BaseMismatchException) failure;
  }

  @Test
  void saysThatNothingWasGivenToFindAncestorsBy() {
    CheckpointFile opened = fixture.open(delta);
    assertThat(mismatch(opened)).hasMessageContaining("nothing was given to find it by");
    assertThat(failure(opened.verifyIndex())).isNull();
    assertThat(failure(opened.verifyAll())).isInstanceOf(BaseMismatchException.class);
  }

  @Test
  void namesAnAncestorThatIsMissing() {
    assertThat(mismatch(openDelta(Mono.empty()))).hasMessageContaining("is missing");
    CheckpointNotFoundException cause = new CheckpointNotFoundException("objects/" + BASE);
    assertThat(mismatch(openDelta(Mono.error(cause))))
        .hasMessageContaining("is missing")
        .hasCause(cause);
  }

  @Test
  void passesOnWhatAStorageReportsAndTriesAgain() {
    Mono<ChunkContent> failsOnce =
        Mono.defer(
            () ->
                found.get() == 1
                    ? Mono.error(new StorageException("connection lost", true, null))
                    : Mono.just(ChunkContent.of(base)));
    CheckpointFile opened = openDelta(failsOnce);
    assertThat(failure(readAll(opened))).isInstanceOf(StorageException.class);
    assertThat(failure(readAll(opened))).isNull();
  }

  @Test
  void refusesAnAncestorOfAnotherIdOrOtherContent() {
    byte[] otherId = new FileBuilder().compressed("state", content).build();
    CheckpointFile onOther = openDelta(Mono.just(ChunkContent.of(otherId)));
    assertThat(mismatch(onOther)).hasMessageContaining("its root hash is");
    assertThat(failure(onOther.verifyAncestors()))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining("what was found under this id is 00000000000000000000000000000000");
    FileBuilder otherContent = new FileBuilder();
    otherContent.objectId = BASE;
    byte[] rewritten = otherContent.compressed("state", Bytes.random(content.length, 8)).build();
    assertThat(mismatch(openDelta(Mono.just(ChunkContent.of(rewritten)))))
        .hasMessageContaining("root hash");
  }

  @Test
  void refusesAnAncestorThatIsDamagedOrNoFile() {
    byte[] damaged = base.clone();
    damaged[damaged.length - 1] ^= 1;
    assertThat(mismatch(openDelta(Mono.just(ChunkContent.of(damaged)))))
        .hasMessageContaining("can't be read")
        .hasCauseInstanceOf(CorruptCheckpointException.class);
    assertThat(mismatch(openDelta(Mono.just(ChunkContent.of(new byte[100_000])))))
        .hasMessageContaining("can't be read");
    assertThat(mismatch(openDelta(Mono.just(ChunkContent.of(new byte[10])))))
        .hasMessageContaining("can't be read");
  }

  @Test
  void restoresFromBlocksThatAreWholeAndVerifiesTheRestOfAnAncestor() {
    Outline outline =
        Objects.requireNonNull(
            new OutlineReader(
                    ChunkContent.of(base), DecodeOptions.defaults(), Schedulers.parallel())
                .read()
                .block());
    for (int at : new int[] {8, 20, (int) outline.directoryPosition() + 20}) {
      byte[] damaged = base.clone();
      damaged[at] ^= 1;
      CheckpointFile opened = openDelta(Mono.just(ChunkContent.of(damaged)));
      assertSame(ReaderFixture.read(opened.chunks().get(0).chunk()), changed);
      for (Mono<Void> verify : Arrays.asList(opened.verifyAncestors(), opened.verifyAll())) {
        assertThat(failure(verify))
            .isInstanceOf(BaseMismatchException.class)
            .hasMessageContaining("can't be read");
      }
    }
  }

  @Test
  void tellsInWhichAncestorABlockIsDamaged() {
    long at = Objects.requireNonNull(fixture.open(base).locate(0, 3).block()).position();
    base[(int) at + 20] ^= 1;
    for (ChunkContent file : Arrays.asList(ChunkContent.of(base), fixture.onDisk(base))) {
      CheckpointFile opened = openDelta(Mono.just(file));
      CorruptCheckpointException failure = corruption(readAll(opened));
      assertThat(failure.offset()).isEqualTo(at + Layout.LOCAL_HEADER_SIZE);
      assertThat(failure).hasMessageContaining("in ancestor " + BASE);
      assertThat(failure.ancestor()).contains(BASE.hex());
      assertThat(corruption(opened.verifyAll()).offset()).isEqualTo(failure.offset());
      assertThat(failure(opened.verifyIndex())).isNull();
    }
  }

  @Test
  void refusesAForeignBlockThatIsNotInItsFile() {
    FileBuilder builder = delta(fixture.open(base));
    builder.location =
        l ->
            l.isForeign() && l.kind() == BlockLocation.Kind.RAW
                ? new BlockLocation(l.kind(), 0, 1L << 40, l.storedLength(), 0, 0)
                : l;
    delta = builder.build();
    assertThat(corruption(readAll(openDelta(Mono.just(ChunkContent.of(base))))))
        .hasMessageContaining("not within its file in ancestor " + BASE)
        .returns(Optional.of(BASE.hex()), CorruptCheckpointException::ancestor);
  }

  @Test
  void refusesAnAncestorsLocalHeaderOfAnotherLength() {
    FileBuilder full = new FileBuilder();
    full.objectId = BASE;
    full.localHeader =
        l -> l.chunk() == 0 && l.number() == 3 ? new LocalHeader(0, 3, BLOCK - 1, 0) : l;
    base = full.compressed("state", content).build();
    delta = delta(fixture.open(base)).build();
    assertThat(corruption(readAll(openDelta(Mono.just(ChunkContent.of(base))))))
        .hasMessageContaining("the local header of block 3");
  }
}
