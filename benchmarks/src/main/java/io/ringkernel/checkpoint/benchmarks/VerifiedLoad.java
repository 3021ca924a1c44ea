package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.Checkpointer;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.IntFunction;
import java.util.zip.CRC32;

/** A verified load from a file store into fresh memory, beside a bare read and CRC-32. */
final class VerifiedLoad implements Contest {
  private final String memoryName;
  private final IntFunction<ByteBuffer> fresh;
  private final int size;
  private final Path file;
  private final Checkpointer checkpointer;

  VerifiedLoad(String memoryName, IntFunction<ByteBuffer> fresh, int size, Path directory)
      throws IOException {
    this.memoryName = memoryName;
    this.fresh = fresh;
    this.size = size;
    this.file = directory.resolve("bare");
    this.checkpointer = Checkpointer.open("file:" + directory.resolve("store"));
    ByteBuffer state = Data.random(ByteBuffer.allocateDirect(size));
    try (Checkpoint checkpoint = Data.checkpoint(state)) {
      checkpointer.save("state", checkpoint).block();
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (state.hasRemaining()) {
        channel.write(state);
      }
    }
  }

  @Override
  public String name() {
    return "verified load, " + memoryName;
  }

  @Override
  public String limitName() {
    return "FileChannel read + CRC-32";
  }

  @Override
  public long bytes() {
    return size;
  }

  @Override
  public double budget() {
    return 0.8;
  }

  @Override
  public void ours() {
    ByteBuffer target = fresh.apply(size);
    checkpointer
        .load("state")
        .flatMap(
            checkpoint ->
                checkpoint
                    .region("state")
                    .orElseThrow()
                    .content()
                    .read(0, target)
                    .doFinally(end -> checkpoint.close()))
        .block();
    Drained.keep(target.get(size - 1));
  }

  @Override
  public void limit() throws IOException {
    ByteBuffer target = fresh.apply(size);
    CRC32 crc = new CRC32();
    try (FileChannel channel = FileChannel.open(file)) {
      while (target.hasRemaining()) {
        int start = target.position();
        ByteBuffer piece = target.slice(start, Math.min(1 << 20, target.remaining()));
        int read = channel.read(piece);
        if (read < 0) {
          throw new EOFException(file + " ended at " + start);
        }
        crc.update(piece.flip());
        target.position(start + read);
      }
    }
    Drained.keep(crc.getValue());
  }

  @Override
  public void close() {
    checkpointer.close().block();
  }
}
