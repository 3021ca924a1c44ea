package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * Writes files front to back, without a seek or a second pass:
 *
 * <pre>
 * file    = header metadata section* trailer
 * section = local-header payload        a block, an index page, or (once, last) the directory
 * </pre>
 */
public final class Version2Writer {
  /** Encoded index pages beyond which they go into the file early: those of 30 GiB of state. */
  static final long MAX_PAGE_BYTES = 8 << 20;

  private Version2Writer() {}

  /**
   * A file's bytes.
   *
   * @param checkpoint stays the caller's, and open until the bytes end
   * @param options how to write
   * @param workbench where the work is done
   * @param written told just before the bytes complete
   */
  public static Flux<OwnedBuffer> encode(
      Checkpoint checkpoint,
      EncodeOptions options,
      Workbench workbench,
      Consumer<EncodedFile> written) {
    return encode(checkpoint, options, workbench, written, MAX_PAGE_BYTES);
  }

  /**
   * A file's bytes.
   *
   * @param maxPageBytes encoded index pages beyond which they go into the file early
   */
  static Flux<OwnedBuffer> encode(
      Checkpoint checkpoint,
      EncodeOptions options,
      Workbench workbench,
      Consumer<EncodedFile> written,
      long maxPageBytes) {
    return workbench
        .blocking(
            () -> {
              requireRoom(checkpoint, options.blockSize());
              EncodeSettings settings = EncodeSettings.of(checkpoint, options, workbench);
              return new Attempt(
                  settings,
                  checkpoint.chunks(),
                  new FileAssembly(checkpoint, options, settings, maxPageBytes),
                  written);
            })
        .flatMapMany(attempt -> attempt);
  }

  /** Refuses what the format can't hold. */
  private static void requireRoom(Checkpoint checkpoint, int blockSize) {
    List<DataChunk> chunks = checkpoint.chunks();
    if (chunks.size() > Layout.MAX_CHUNKS) {
      throw new LimitExceededException(
          "chunks", chunks.size(), Layout.MAX_CHUNKS, "join small ones into larger ones");
    }
    long size = 0;
    for (DataChunk chunk : chunks) {
      size += chunk.size();
      if (size < 0) {
        throw new LimitExceededException("bytes of state", size, Long.MAX_VALUE);
      }
      long blocks = Layout.blocks(chunk.size(), blockSize);
      if (blocks > Layout.MAX_BLOCKS) {
        throw new LimitExceededException(
            "blocks of " + chunk, blocks, Layout.MAX_BLOCKS, "write it in larger blocks");
      }
    }
  }

  /** The bytes of one subscription. */
  private static final class Attempt extends Flux<OwnedBuffer> {
    private final EncodeSettings settings;
    private final List<DataChunk> chunks;
    private final FileAssembly file;
    private final Consumer<EncodedFile> written;

    Attempt(
        EncodeSettings settings,
        List<DataChunk> chunks,
        FileAssembly file,
        Consumer<EncodedFile> written) {
      this.settings = settings;
      this.chunks = chunks;
      this.file = file;
      this.written = written;
    }

    @Override
    public void subscribe(CoreSubscriber<? super OwnedBuffer> actual) {
      actual.onSubscribe(new EncodeAttempt(actual, settings, chunks, file, written));
    }
  }
}
