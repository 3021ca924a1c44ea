package io.ringkernel.checkpoint;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The bytes of a chunk, wherever they are: host arrays, direct buffers, a device region, a range of
 * a stored object.
 *
 * <p>MUST:
 *
 * <ul>
 *   <li>give the same bytes for the same offset until the {@link Checkpoint} it belongs to is
 *       closed, any number of times and to any number of readers at once;
 *   <li>do nothing before subscription, and no blocking work on the subscriber's thread;
 *   <li>not touch the target of a {@link #read} once its {@code Mono} has ended. There is one
 *       exception, which is reported: with {@link
 *       io.ringkernel.checkpoint.error.MemoryLostException}, or when a device is lost, the device
 *       may go on using memory that the caller has locked in place for it, and the caller must not
 *       use it again.
 * </ul>
 */
public interface ChunkContent {
  /** Length in bytes, at least 0; constant. */
  long size();

  /**
   * Fills {@code target} from its position, as far as there are bytes.
   *
   * <p>The memory stays the caller's. From subscription until the {@code Mono} ends, the content
   * writes to it and the caller must not touch it. A caller that cancels can't know whether a
   * transfer is still in flight: the memory must then not be reused (dropping it for the garbage
   * collector is always right; what is locked in place for a device must not be unlocked either).
   *
   * @param offset from the start of the content; 0 to {@link #size}
   * @param target heap or direct, writable
   * @return the number of bytes written, which is the smaller of {@code target.remaining()} and
   *     {@code size() - offset}: never fewer; the target's position has moved by it
   */
  Mono<Integer> read(long offset, ByteBuffer target);

  /**
   * Fills several buffers with consecutive bytes, each from its position to its limit, as {@link
   * #read} would one after the other, and under the same rules. A content that can do this in one
   * request does so.
   *
   * @param offset from the start of the content; 0 to {@link #size}
   * @param targets heap or direct, writable
   * @return the number of bytes written in all: never fewer than asked for, except at the end of
   *     the content
   */
  default Mono<Long> read(long offset, List<ByteBuffer> targets) {
    return ChunkContents.readInTurn(this, offset, targets);
  }

  /**
   * Fills several stretches, which may lie anywhere, as {@link #read(long, List)} would one after
   * the other, and under the same rules. A content that can read several at once, or in one
   * request, does so.
   *
   * <p>A stretch is the caller's again once it is emitted, so that it can be worked on while others
   * arrive. Those that are not emitted are the caller's again when the {@code Flux} ends.
   *
   * @param stretches what to read, at offsets of 0 to {@link #size}, best in their order; none may
   *     overlap another's memory
   * @return each of them once, as soon as it is filled, in any order; none has room left, except
   *     for what lies past the end of the content
   */
  default Flux<Stretch> readAll(List<Stretch> stretches) {
    return ChunkContents.readAllInTurn(this, stretches);
  }

  /**
   * A window on host memory that holds the bytes at {@code offset}, for readers that need no copy.
   *
   * @param offset 0 to {@code size() - 1}
   * @param length the most bytes wanted, at least 1
   * @return the bytes from position to limit, at least 1 and at most {@code length}, fewer only
   *     where a segment of memory ends; the caller must not write to them, nor use them once the
   *     checkpoint is closed. Null when the content is not in host memory
   */
  default @Nullable ByteBuffer view(long offset, int length) {
    return null;
  }

  /**
   * All bytes in order, in fresh buffers that belong to the receiver.
   *
   * @param bufferSize the most bytes in one buffer, at least 1
   */
  default Flux<ByteBuffer> buffers(int bufferSize) {
    return ChunkContents.buffers(this, bufferSize);
  }

  /**
   * Part of this content.
   *
   * @param offset of its first byte
   * @param length in bytes
   * @throws IndexOutOfBoundsException when it is not within this content
   */
  default ChunkContent slice(long offset, long length) {
    return ChunkContents.slice(this, offset, length);
  }

  /** No bytes. */
  static ChunkContent empty() {
    return ChunkContents.EMPTY;
  }

  /**
   * A host array, not copied: it must not change until the checkpoint is closed.
   *
   * @param bytes all of it
   */
  static ChunkContent of(byte[] bytes) {
    return of(ByteBuffer.wrap(bytes));
  }

  /**
   * The remaining bytes of a buffer, heap, direct or mapped, not copied: they must not change until
   * the checkpoint is closed.
   *
   * @param buffer its position and limit are read now
   */
  static ChunkContent of(ByteBuffer buffer) {
    return of(List.of(buffer));
  }

  /**
   * The remaining bytes of several buffers, one after the other: for content larger than 2 GiB.
   *
   * @param buffers their positions and limits are read now
   */
  static ChunkContent of(List<ByteBuffer> buffers) {
    return ChunkContents.ofBuffers(buffers);
  }
}
