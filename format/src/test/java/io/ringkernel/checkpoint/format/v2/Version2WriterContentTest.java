package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.bytes;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

/** How contents are looked at or read. */
class Version2WriterContentTest {
  private static final int BLOCK = 64 << 10;

  private final WriterFixture fixture = new WriterFixture(2);

  @AfterEach
  void nothingIsHeld() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  private static EncodeOptions options(int blockSize, String compression) {
    return EncodeOptions.builder()
        .blockSize(blockSize)
        .compression(Compression.of(compression))
        .build();
  }

  private static DataChunk chunk(ChunkContent content) {
    return DataChunk.region("a", content);
  }

  /** The pieces of a file; those upon host memory are still that memory. */
  private List<ByteBuffer> pieces(ChunkContent content, EncodeOptions options) {
    return fixture
        .encode(checkpoint(chunk(content)), options)
        .map(
            piece -> {
              ByteBuffer bytes = piece.buffer().duplicate();
              piece.close();
              return bytes;
            })
        .collectList()
        .block(WriterFixture.PATIENCE);
  }

  @Test
  void uncompressedHostMemoryLeavesWithoutACopy() {
    byte[] state = Bytes.random(3 * BLOCK, 1);
    assertThat(pieces(ChunkContent.of(state), options(BLOCK, "none")))
        .filteredOn(ByteBuffer::hasArray)
        .filteredOn(piece -> piece.array() == state && piece.arrayOffset() % BLOCK == 0)
        .extracting(ByteBuffer::remaining)
        .containsExactly(BLOCK, BLOCK, BLOCK);
  }

  @Test
  void memoryOnADeviceIsReadOnceForABatchAndLeavesInOnePiece() {
    CountingContent content = new CountingContent(Bytes.random(Workbench.BATCH_BYTES, 1));
    List<ByteBuffer> pieces = pieces(content, options(BLOCK, "none"));
    assertThat(content.requests).hasValue(1);
    assertThat(content.targets.get()).isEqualTo(Collections.nCopies(16, BLOCK));
    assertThat(pieces)
        .extracting(ByteBuffer::remaining)
        .contains(Workbench.BATCH_BYTES + 16 * Layout.LOCAL_HEADER_SIZE);
  }

  @ParameterizedTest
  @ValueSource(ints = {4096, 64 << 10, 1 << 20, 4 << 20, 16 << 20})
  void contentsOfEveryKindGiveTheSameFile(int blockSize) {
    byte[] state =
        Bytes.join(Bytes.runs(5_000_000, 1), new byte[2_000_000], Bytes.random(20_000_001, 2));
    ByteBuffer direct = ByteBuffer.allocateDirect(state.length).put(state).flip();
    for (String compression : List.of("none", DeflateCodec.NAME)) {
      EncodeOptions options =
          EncodeOptions.builder()
              .blockSize(blockSize)
              .compression(Compression.of(compression))
              .objectId(ObjectId.of(new byte[16]))
              .build();
      byte[] expected = bytes(fixture.encode(checkpoint(chunk(ChunkContent.of(state))), options));
      assertThat(Arrays.equals(new WrittenFile(expected).raw(0), state)).isTrue();
      for (ChunkContent content :
          List.of(ChunkContent.of(direct), new CountingContent(state), segments(state, 70_001))) {
        byte[] actual = bytes(fixture.encode(checkpoint(chunk(content)), options));
        assertThat(Arrays.equals(actual, expected)).isTrue();
      }
    }
  }

  private static ChunkContent segments(byte[] state, int length) {
    List<ByteBuffer> segments = new ArrayList<>();
    for (int from = 0; from < state.length; from += length) {
      segments.add(ByteBuffer.wrap(state, from, Math.min(length, state.length - from)));
    }
    return ChunkContent.of(segments);
  }

  /** A content that has its way with what is asked of it. */
  private abstract static class Odd implements ChunkContent {
    @Override
    public long size() {
      return 3L << 20;
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      int length = target.remaining();
      target.position(target.limit());
      return Mono.just(length);
    }
  }

  private void assertFails(ChunkContent content, Throwable error) {
    assertThatThrownBy(
            () -> bytes(fixture.encode(checkpoint(chunk(content)), EncodeOptions.defaults())))
        .isSameAs(error);
  }

  @Test
  void passesOnWhyAReadFails() {
    RuntimeException lost = new IllegalStateException("device lost");
    assertFails(
        new Odd() {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return offset < 2 << 20 ? super.read(offset, target) : Mono.error(lost);
          }
        },
        lost);
  }

  @Test
  void passesOnWhatAContentThrows() {
    RuntimeException broken = new IllegalStateException("broken");
    assertFails(
        new Odd() {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            throw broken;
          }
        },
        broken);
    assertFails(
        new Odd() {
          @Override
          public @Nullable ByteBuffer view(long offset, int length) {
            if (offset > 1 << 20) {
              throw broken;
            }
            return null;
          }
        },
        broken);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_535})
  void refusesAContentThatGivesFewerBytesThanItsSize(int given) {
    ChunkContent content =
        new Odd() {
          @Override
          public Mono<Long> read(long offset, List<ByteBuffer> targets) {
            return offset != 1 << 20
                ? super.read(offset, targets)
                : given == 0 ? Mono.empty() : Mono.just((long) given);
          }
        };
    assertThatThrownBy(
            () -> bytes(fixture.encode(checkpoint(chunk(content)), EncodeOptions.defaults())))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("chunk 0 (device-memory 'a', 3145728 bytes)")
        .hasMessageContaining("gave " + given + " of 1048576 bytes at offset 1048576");
  }

  @Test
  void contentsSeeTheSubscribersContext() {
    byte[] state = Bytes.random(BLOCK, 1);
    ChunkContent content =
        new Odd() {
          @Override
          public long size() {
            return state.length;
          }

          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return Mono.deferContextual(
                context -> {
                  target.put(context.<byte[]>get("state"));
                  return Mono.just(state.length);
                });
          }
        };
    byte[] file =
        bytes(
            fixture
                .encode(checkpoint(chunk(content)), EncodeOptions.defaults())
                .contextWrite(context -> context.put("state", state)));
    assertThat(new WrittenFile(file).raw(0)).isEqualTo(state);
  }

  @Test
  void aClosedPieceIsNotNeededAnyMore() {
    byte[] state = Bytes.random(5 << 20, 1);
    byte[] file =
        bytes(
            fixture
                .encode(checkpoint(chunk(new CountingContent(state))), options(BLOCK, "none"))
                .map(Version2WriterContentTest::copyAndScribble));
    assertThat(new WrittenFile(file).raw(0)).isEqualTo(state);
  }

  /** What a pool's next user does with memory that was given back. */
  private static OwnedBuffer copyAndScribble(OwnedBuffer piece) {
    ByteBuffer bytes = piece.buffer();
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    if (bytes.isDirect()) {
      ByteBuffer scribble = bytes.duplicate();
      while (scribble.hasRemaining()) {
        scribble.put((byte) 0xDD);
      }
    }
    piece.close();
    return OwnedBuffer.unpooled(copy);
  }
}
