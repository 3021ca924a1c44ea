package io.ringkernel.checkpoint.storage.gcs;

import com.google.cloud.ReadChannel;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** One read of a known version into memory of the caller's, in one request. */
final class ReadInto {
  private final StoreObjects objects;
  private final String name;
  private final String version;
  private final Wire wire;

  ReadInto(StoreObjects objects, String name, String version, Wire wire) {
    this.objects = objects;
    this.name = name;
    this.version = version;
    this.wire = wire;
  }

  /**
   * See {@link io.ringkernel.checkpoint.storage.CheckpointStorage#readInto}.
   *
   * @return how many bytes there were
   */
  long run(long offset, List<ByteBuffer> targets) throws IOException {
    Long generation = Generations.parse(version);
    if (generation == null) {
      throw another();
    }
    long wanted = targets.stream().mapToLong(ByteBuffer::remaining).sum();
    if (wanted == 0 || wanted > Long.MAX_VALUE - offset) {
      Found found = objects.require(wire, name, version);
      return wanted == 0 ? 0 : read(generation, offset, found.object().size(), targets);
    }
    try {
      return read(generation, offset, offset + wanted, targets);
    } catch (IOException | RuntimeException e) {
      if (StoreObjects.isGone(e)) {
        throw another();
      }
      throw e;
    }
  }

  private long read(long generation, long offset, long end, List<ByteBuffer> targets)
      throws IOException {
    return wire.run(
        () -> {
          ReadChannel from = objects.reader(name, generation);
          from.seek(offset);
          from.limit(end);
          long taken = 0;
          for (ByteBuffer target : targets) {
            int read = 0;
            while (read >= 0 && target.hasRemaining()) {
              read = from.read(target);
              if (read > 0) {
                wire.progressed();
                taken += read;
              }
            }
          }
          // All was read, or the object ended: its connection serves again.
          from.close();
          return taken;
        });
  }

  private RuntimeException another() throws IOException {
    Found present = objects.find(wire, name);
    return present == null
        ? new CheckpointNotFoundException(name)
        : new ChangedMeanwhileException(name, version, present.object().version());
  }
}
