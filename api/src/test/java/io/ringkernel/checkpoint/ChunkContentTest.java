package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ChunkContentTest {
  /** 0, 1, 2, ... 9 in segments of 3, 1, 0, 4 and 2 bytes, heap and direct. */
  private static final ChunkContent TEN =
      ChunkContent.of(
          List.of(bytes(0, 3), direct(3, 1), ByteBuffer.allocate(0), direct(4, 4), bytes(8, 2)));

  @Test
  void joinsSegments() {
    assertThat(TEN.size()).isEqualTo(10);
    assertThat(read(TEN, 0, 10)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  @Test
  void readsEveryRangeAcrossSegments() {
    for (int from = 0; from <= 10; from++) {
      for (int length = 0; length <= 10 - from; length++) {
        assertThat(read(TEN, from, length)).isEqualTo(range(from, length));
      }
    }
  }

  @Test
  void readsFewerBytesOnlyAtTheEnd() {
    ByteBuffer target = ByteBuffer.allocate(8).position(1).limit(7);

    StepVerifier.create(TEN.read(6, target)).expectNext(4).verifyComplete();

    assertThat(target.position()).isEqualTo(5);
    assertThat(target.limit()).isEqualTo(7);
    assertThat(target.array()).containsExactly(0, 6, 7, 8, 9, 0, 0, 0);
  }

  @Test
  void readsNothingAtTheEndOrIntoAFullTarget() {
    StepVerifier.create(TEN.read(10, ByteBuffer.allocate(4))).expectNext(0).verifyComplete();
    StepVerifier.create(TEN.read(3, ByteBuffer.allocate(0))).expectNext(0).verifyComplete();
    StepVerifier.create(ChunkContent.empty().read(0, ByteBuffer.allocate(4)))
        .expectNext(0)
        .verifyComplete();
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 11, Long.MIN_VALUE, Long.MAX_VALUE})
  void refusesOffsetsOutside(long offset) {
    ByteBuffer target = ByteBuffer.allocate(1);

    StepVerifier.create(TEN.read(offset, target))
        .verifyErrorMatches(e -> e instanceof IndexOutOfBoundsException && has(e, offset));
    StepVerifier.create(TEN.slice(2, 3).read(offset, target))
        .verifyErrorMatches(e -> e instanceof IndexOutOfBoundsException && has(e, offset));
    assertThat(target.position()).isZero();
    assertThatThrownBy(() -> TEN.view(offset, 1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void readsNothingBeforeSubscription() {
    ByteBuffer target = ByteBuffer.allocate(4);

    Mono<Integer> read = TEN.read(0, target);

    assertThat(target.position()).isZero();
    StepVerifier.create(read).expectNext(4).verifyComplete();
    assertThat(target.position()).isEqualTo(4);
  }

  @Test
  void takesTheWindowOfABufferAsItWasAndLeavesItAlone() {
    ByteBuffer source = bytes(0, 8).position(2).limit(5);
    ChunkContent content = ChunkContent.of(source);
    source.clear();

    assertThat(content.size()).isEqualTo(3);
    assertThat(read(content, 0, 3)).containsExactly(2, 3, 4);
    assertThat(source.position()).isZero();
  }

  @Test
  void viewsAreWindowsOnTheMemoryItself() {
    byte[] memory = {1, 2, 3, 4};
    ByteBuffer view = view(ChunkContent.of(memory), 1, 2);

    assertThat(copy(view)).containsExactly(2, 3);
    memory[1] = 9;
    assertThat(view.get(0)).isEqualTo((byte) 9);
  }

  @Test
  void viewsEndWhereASegmentEnds() {
    assertThat(copy(view(TEN, 0, 100))).containsExactly(0, 1, 2);
    assertThat(copy(view(TEN, 2, 100))).containsExactly(2);
    assertThat(copy(view(TEN, 3, 100))).containsExactly(3);
    assertThat(copy(view(TEN, 4, 100))).containsExactly(4, 5, 6, 7);
    assertThat(copy(view(TEN, 5, 2))).containsExactly(5, 6);
    assertThat(copy(view(TEN, 9, 1))).containsExactly(9);
  }

  @Test
  void viewsAfterEachOtherCoverEverything() {
    List<Byte> seen = new ArrayList<>();
    for (int at = 0; at < 10; ) {
      byte[] part = copy(view(TEN, at, 3));
      assertThat(part).hasSizeBetween(1, 3);
      for (byte b : part) {
        seen.add(b);
      }
      at += part.length;
    }
    assertThat(seen).containsExactly(boxed(range(0, 10)));
  }

  @Test
  void contentOutsideHostMemoryHasNoView() {
    assertThat(new Lazy(10).view(0, 4)).isNull();
    assertThat(new Lazy(10).slice(1, 4).view(0, 4)).isNull();
  }

  @Test
  void slicesSlices() {
    ChunkContent slice = TEN.slice(1, 8).slice(2, 5);

    assertThat(slice.size()).isEqualTo(5);
    assertThat(read(slice, 0, 5)).containsExactly(3, 4, 5, 6, 7);
    assertThat(read(slice, 4, 1)).containsExactly(7);
    assertThat(copy(view(slice, 1, 100))).containsExactly(4, 5, 6, 7);
  }

  @Test
  void aSliceEndsBeforeTheContentBehindItDoes() {
    ChunkContent slice = TEN.slice(2, 3);
    ByteBuffer target = ByteBuffer.allocate(10).position(4);

    StepVerifier.create(slice.read(1, target)).expectNext(2).verifyComplete();

    assertThat(target.position()).isEqualTo(6);
    assertThat(target.limit()).isEqualTo(10);
    assertThat(target.array()).containsExactly(0, 0, 0, 0, 3, 4, 0, 0, 0, 0);
    assertThat(copy(view(slice, 2, 100))).containsExactly(4);
  }

  @Test
  void refusesASliceThatIsNotWithin() {
    assertThat(TEN.slice(10, 0).size()).isZero();
    assertThatThrownBy(() -> TEN.slice(0, 11)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> TEN.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> TEN.slice(5, -1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> TEN.slice(2, Long.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void addressesContentPast2GiB() {
    int segment = 64 << 20;
    ByteBuffer shared = ByteBuffer.allocateDirect(segment);
    shared.put(0, (byte) 1).put(segment - 1, (byte) 2);
    ChunkContent huge = ChunkContent.of(Collections.nCopies(80, shared));
    long last = 80L * segment - 1;

    assertThat(huge.size()).isEqualTo(5L << 30);
    assertThat(read(huge, last, 1)).containsExactly(2);
    assertThat(read(huge, 3_000L * (1 << 20) / segment * segment - 1, 2)).containsExactly(2, 1);
    assertThat(copy(view(huge, last - 1, 100))).containsExactly(0, 2);
    assertThat(read(huge.slice(3L << 30, 2L << 30), (2L << 30) - 1, 1)).containsExactly(2);
  }

  @Test
  void givesItsBytesInFreshBuffers() {
    List<ByteBuffer> buffers = TEN.buffers(4).collectList().block();

    assertThat(buffers).extracting(ByteBuffer::remaining).containsExactly(4, 4, 2);
    assertThat(joined(buffers)).isEqualTo(range(0, 10));
    buffers.forEach(buffer -> buffer.put(buffer.position(), (byte) 99));
    assertThat(read(TEN, 0, 10)).isEqualTo(range(0, 10));
  }

  @Test
  void givesBuffersOfAMultipleWithoutAnEmptyLastOne() {
    StepVerifier.create(TEN.buffers(5)).expectNextCount(2).verifyComplete();
    StepVerifier.create(ChunkContent.empty().buffers(5)).verifyComplete();
    assertThatThrownBy(() -> TEN.buffers(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void givesBuffersOnDemandAndReadsAtMostOneAhead() {
    Lazy content = new Lazy(1_000);
    Flux<ByteBuffer> buffers = content.buffers(10);

    assertThat(content.reads).isEmpty();
    StepVerifier.create(buffers, 0)
        .expectSubscription()
        .then(() -> assertThat(content.reads).hasSizeLessThanOrEqualTo(1))
        .thenRequest(3)
        .expectNextCount(3)
        .then(() -> assertThat(content.reads).startsWith(0L, 10L, 20L).hasSizeBetween(3, 4))
        .thenCancel()
        .verify();
    assertThat(content.reads).hasSizeBetween(3, 4);
  }

  @Test
  void eachSubscriptionToBuffersStartsAnew() {
    Flux<ByteBuffer> buffers = TEN.buffers(6);

    for (int attempt = 0; attempt < 2; attempt++) {
      assertThat(joined(buffers.collectList().block())).isEqualTo(range(0, 10));
    }
  }

  @Test
  void passesTheErrorOfAReadOn() {
    ChunkContent broken =
        new Lazy(10) {
          @Override
          public Mono<Integer> read(long offset, ByteBuffer target) {
            return Mono.error(new IllegalStateException("gone"));
          }
        };

    StepVerifier.create(broken.buffers(4)).verifyErrorMessage("gone");
    StepVerifier.create(broken.slice(1, 2).read(0, ByteBuffer.allocate(2)))
        .verifyErrorMessage("gone");
  }

  @Test
  void isReadByManyAtOnce() {
    List<byte[]> results =
        Flux.range(0, 200)
            .flatMap(
                i ->
                    Mono.defer(
                            () -> {
                              ByteBuffer target = ByteBuffer.allocate(10);
                              return TEN.read(0, target).thenReturn(target.array());
                            })
                        .subscribeOn(reactor.core.scheduler.Schedulers.parallel()))
            .collectList()
            .block();

    assertThat(results).hasSize(200).allSatisfy(r -> assertThat(r).isEqualTo(range(0, 10)));
  }

  private static boolean has(Throwable e, long offset) {
    return e.getMessage().contains(Long.toString(offset));
  }

  private static ByteBuffer bytes(int first, int count) {
    return ByteBuffer.wrap(range(first, count));
  }

  private static ByteBuffer direct(int first, int count) {
    return ByteBuffer.allocateDirect(count).put(range(first, count)).flip();
  }

  private static byte[] range(int first, int count) {
    byte[] bytes = new byte[count];
    IntStream.range(0, count).forEach(i -> bytes[i] = (byte) (first + i));
    return bytes;
  }

  private static Byte[] boxed(byte[] bytes) {
    Byte[] boxed = new Byte[bytes.length];
    IntStream.range(0, bytes.length).forEach(i -> boxed[i] = bytes[i]);
    return boxed;
  }

  private static byte[] read(ChunkContent content, long offset, int length) {
    ByteBuffer target = ByteBuffer.allocate(length);
    StepVerifier.create(content.read(offset, target)).expectNext(length).verifyComplete();
    return target.array();
  }

  private static ByteBuffer view(ChunkContent content, long offset, int length) {
    ByteBuffer view = content.view(offset, length);
    assertThat(view).isNotNull();
    return view;
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static byte[] joined(List<ByteBuffer> buffers) {
    ByteBuffer all = ByteBuffer.allocate(buffers.stream().mapToInt(ByteBuffer::remaining).sum());
    buffers.forEach(buffer -> all.put(buffer.duplicate()));
    return all.array();
  }

  /** Zeros that are not in host memory; it records what is read from it. */
  private static class Lazy implements ChunkContent {
    final List<Long> reads = Collections.synchronizedList(new ArrayList<>());
    private final long size;

    Lazy(long size) {
      this.size = size;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public Mono<Integer> read(long offset, ByteBuffer target) {
      return Mono.fromSupplier(
          () -> {
            reads.add(offset);
            int read = (int) Math.min(target.remaining(), size - offset);
            target.position(target.position() + read);
            return read;
          });
    }
  }
}
