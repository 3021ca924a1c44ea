package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.wire.Uncancellable;
import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;

/**
 * The bytes of a compressed chunk. Reading on from where a read ended costs only what is read;
 * reading further back starts again at the frame's beginning.
 */
record FrameContent(StoredFrame frame, FrameCursors cursors) implements ChunkContent {
  @Override
  public long size() {
    return frame.size();
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return Mono.defer(
        () -> {
          if (offset < 0 || offset > size()) {
            throw new IndexOutOfBoundsException("offset " + offset + " is not within 0.." + size());
          }
          int wanted = (int) Math.min(target.remaining(), size() - offset);
          if (wanted == 0) {
            return Mono.just(0);
          }
          ByteBuffer part = target.slice(target.position(), wanted);
          return decompress(offset, part)
              .doOnNext(read -> target.position(target.position() + read));
        });
  }

  private Mono<Integer> decompress(long offset, ByteBuffer target) {
    int wanted = target.remaining();
    return Uncancellable.of(
        unwanted ->
            cursors
                .use(
                    frame,
                    offset,
                    cursor -> cursor.skipTo(offset, unwanted).then(cursor.fill(target, unwanted)))
                .thenReturn(wanted)
                .subscribeOn(cursors.workbench().workers()));
  }
}
