package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Device memory as content: read through a {@link Ring} of pinned buffers, several pieces at once,
 * so that it may be larger than the host's memory.
 */
final class RegionContent implements ChunkContent {
  /** Refuses what can't be read. */
  interface Check {
    /** Fails with {@link KernelException} when some of these bytes were not captured. */
    void require(long offset, long length);
  }

  private record Piece(long offset, List<ByteBuffer> targets) {}

  private final Ring ring;
  private final long address;
  private final long size;
  private final UseCount uses;
  private final Failures failures;
  private final Check check;

  /**
   * @param ring read through
   * @param address on the device
   * @param size bytes
   * @param uses entered while something is read; shut when the memory is somebody else's
   */
  RegionContent(Ring ring, long address, long size, UseCount uses, Failures failures, Check check) {
    this.ring = ring;
    this.address = address;
    this.size = size;
    this.uses = uses;
    this.failures = failures;
    this.check = check;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return read(offset, List.of(target)).map(Long::intValue);
  }

  @Override
  public Mono<Long> read(long offset, List<ByteBuffer> targets) {
    return Mono.defer(
        () -> {
          Objects.checkFromToIndex(offset, size, size);
          if (targets.stream().anyMatch(ByteBuffer::isReadOnly)) {
            throw new ReadOnlyBufferException();
          }
          List<Piece> pieces = new ArrayList<>();
          long length = split(offset, targets, pieces);
          check.require(offset, length);
          // An error waits for the other pieces: nothing is written after the end.
          return Flux.fromIterable(pieces)
              .flatMapDelayError(
                  piece -> ring.copyOut(address + piece.offset, piece.targets, uses),
                  ring.lanes(),
                  1)
              .onErrorMap(
                  e -> failures.of(KernelException.Phase.CAPTURE, "its content can't be read", e))
              .then(
                  Mono.fromSupplier(
                      () -> {
                        advance(targets, length);
                        return length;
                      }));
        });
  }

  /** Cuts the targets into pieces that fit a pinned buffer, as far as there are bytes. */
  private long split(long offset, List<ByteBuffer> targets, List<Piece> pieces) {
    long at = offset;
    int room = 0;
    for (ByteBuffer target : targets) {
      int position = target.position();
      while (position < target.limit() && at < size) {
        if (room == 0) {
          pieces.add(new Piece(at, new ArrayList<>()));
          room = ring.pieceSize();
        }
        int length = (int) Math.min(Math.min(room, target.limit() - position), size - at);
        pieces.get(pieces.size() - 1).targets.add(target.slice(position, length));
        position += length;
        at += length;
        room -= length;
      }
    }
    return at - offset;
  }

  private static void advance(List<ByteBuffer> targets, long length) {
    long left = length;
    for (ByteBuffer target : targets) {
      int step = (int) Math.min(left, target.remaining());
      target.position(target.position() + step);
      left -= step;
    }
  }
}
