package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a delta adds to a store, records and all, when one block in a hundred changed; beside the
 * changed bytes, 16 bytes for each block of the state, and 12 KiB.
 */
final class DeltaSize {
  private static final int FINGERPRINT = 16;
  private static final int REST = 12 << 10;

  private final ByteBuffer memory;
  private final Path store;

  DeltaSize(ByteBuffer memory, Path directory) {
    this.memory = Data.random(memory);
    this.store = directory.resolve("store");
  }

  Result run() throws IOException {
    Changes changes = new Changes(memory);
    Checkpointer checkpointer = Checkpointer.open("file:" + store);
    try (Checkpoint checkpoint = Data.checkpoint(memory)) {
      checkpointer.save("base", checkpoint).block();
      long before = used();
      changes.make();
      checkpointer
          .save(checkpoint, SaveRequest.defaults().named("delta").base(BaseChoice.named("base")))
          .block();
      double added = used() - before;
      double most = changes.bytes() + (double) FINGERPRINT * changes.blocks() + REST;
      return Result.ofBytes("added by that delta", "changed + 16/block + 12 KiB", added, most);
    } finally {
      checkpointer.close().block();
    }
  }

  private long used() throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files.filter(Files::isRegularFile).mapToLong(DeltaSize::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
