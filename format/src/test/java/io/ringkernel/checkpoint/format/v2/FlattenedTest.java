package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.PATIENCE;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** A delta made self-contained by copying stored blocks. */
class FlattenedTest {
  private static final int BLOCK = 4096;
  private static final ObjectId FLAT = ObjectId.of(Bytes.random(16, 99));

  private final WriterFixture fixture = new WriterFixture(2);
  private final Map<ObjectId, byte[]> files = new HashMap<>();
  private byte[] state =
      Bytes.join(
          Bytes.random(900 * BLOCK, 1),
          Bytes.runs(900 * BLOCK, 2),
          new byte[BLOCK],
          Bytes.random(77, 3));
  private ObjectId latest;

  @BeforeEach
  void writeAChain() {
    BlockIndex base = null;
    for (int i = 0; i < 4; i++) {
      if (i > 0) {
        for (int at = i; at < 1800; at += 97) {
          state[at * BLOCK + 3]++;
        }
      }
      Checkpoint next = checkpoint(region("a", state), region("none", new byte[0]));
      EncodeOptions.Builder options =
          EncodeOptions.builder()
              .blockSize(BLOCK)
              .compression(Compression.of(DeflateCodec.NAME))
              .maxIndexWeight(Long.MAX_VALUE);
      if (base != null) {
        options.references(BlockReferences.to(base, next.chunks(), false));
      }
      byte[] file = WriterFixture.bytes(fixture.encode(next, options.build()));
      base = fixture.written.get().index();
      latest = base.objectId();
      files.put(latest, file);
    }
  }

  @AfterEach
  void close() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private CheckpointFile open(byte[] file) {
    DecodeOptions options =
        DecodeOptions.builder()
            .ancestors(id -> Mono.justOrEmpty(files.get(id)).map(ChunkContent::of))
            .build();
    return Version2Reader.open(ChunkContent.of(file), options, fixture.workbench).block(PATIENCE);
  }

  @Test
  void tellsOfAMissingFileOnceAndDropsNoSecondError() {
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    DecodeOptions options =
        DecodeOptions.builder()
            .ancestors(id -> Mono.delay(Duration.ofMillis(20)).then(Mono.empty()))
            .build();
    CheckpointFile delta =
        Version2Reader.open(ChunkContent.of(files.get(latest)), options, fixture.workbench)
            .block(PATIENCE);

    StepVerifier.create(
            delta
                .flattened(FLAT, Long.MAX_VALUE, written -> {})
                .contextWrite(
                    Context.of("reactor.onErrorDropped.local", (Consumer<Throwable>) dropped::add)))
        .thenConsumeWhile(bytes -> true, OwnedBuffer::close)
        .expectError(BaseMismatchException.class)
        .verify(PATIENCE);

    assertThat(dropped).isEmpty();
  }

  @Test
  void holdsTheSameStateAndNeedsNoOtherFile() {
    AtomicReference<EncodedFile> written = new AtomicReference<>();
    CheckpointFile delta = open(files.get(latest));
    assertThat(delta.ancestors()).hasSize(3);

    byte[] flat = WriterFixture.bytes(delta.flattened(FLAT, Long.MAX_VALUE, written::set));

    files.clear();
    CheckpointFile opened = open(flat);
    assertThat(opened.objectId()).isEqualTo(FLAT);
    assertThat(opened.ancestors()).isEmpty();
    assertThat(opened.metadata()).isEqualTo(delta.metadata());
    opened.verifyAll().block(PATIENCE);
    assertThat(ReaderFixture.read(opened.chunks().get(0).chunk())).isEqualTo(state);
    assertThat(written.get().size()).isEqualTo(flat.length);
    assertThat(written.get().rootHash()).isEqualTo(opened.rootHash());
    assertThat(written.get().newSize()).isEqualTo(state.length - BLOCK);
    BlockIndex read = opened.blockIndex(Long.MAX_VALUE).block(PATIENCE);
    assertThat(written.get().index().chunks().get(0).fingerprints())
        .isEqualTo(read.chunks().get(0).fingerprints());
    assertThat(written.get().index().chunks().get(0).location(1750))
        .isEqualTo(read.chunks().get(0).location(1750));
  }

  @Test
  void copiesCompressedBlocksAsTheyAre() {
    int made = fixture.codec.made.get();
    byte[] flat = WriterFixture.bytes(open(files.get(latest)).flattened(FLAT, 0, written -> {}));

    assertThat(fixture.codec.made.get()).isEqualTo(made);
    BlockLocation there = open(files.get(latest)).locate(0, 950).block(PATIENCE);
    BlockLocation here = open(flat).locate(0, 950).block(PATIENCE);
    assertThat(here.kind()).isEqualTo(BlockLocation.Kind.COMPRESSED);
    assertThat(here.crc32()).isEqualTo(there.crc32());
    assertThat(here.isForeign()).isFalse();
  }

  @Test
  void refusesABlockThatIsNotAsItWasStored() {
    for (int block : new int[] {20, 950}) {
      CheckpointFile delta = open(files.get(latest));
      BlockLocation there = delta.locate(0, block).block(PATIENCE);
      ObjectId holder = delta.ancestors().get(there.ancestor()).id();
      byte[] whole = files.get(holder);
      byte[] damaged = whole.clone();
      damaged[(int) there.position() + 16]++;
      files.put(holder, damaged);

      assertThatThrownBy(
              () -> WriterFixture.bytes(open(files.get(latest)).flattened(FLAT, 0, w -> {})))
          .isInstanceOfSatisfying(
              CorruptCheckpointException.class,
              e -> assertThat(e.ancestor()).contains(holder.hex()))
          .hasMessageContaining(holder.hex())
          .hasMessageContaining("block " + block);
      files.put(holder, whole);
    }
  }

  @Test
  void namesAMissingAncestor() {
    CheckpointFile delta = open(files.get(latest));
    ObjectId first = delta.ancestors().get(0).id();
    files.remove(first);

    assertThatThrownBy(() -> WriterFixture.bytes(delta.flattened(FLAT, 0, written -> {})))
        .isInstanceOf(BaseMismatchException.class)
        .hasMessageContaining(first.hex());
  }

  @Test
  void givesBytesAsTheyAreDemanded() {
    StepVerifier.create(open(files.get(latest)).flattened(FLAT, 0, written -> {}), 0)
        .thenRequest(2)
        .expectNextCount(2)
        .thenRequest(1)
        .expectNextCount(1)
        .thenCancel()
        .verify(PATIENCE);
  }
}
