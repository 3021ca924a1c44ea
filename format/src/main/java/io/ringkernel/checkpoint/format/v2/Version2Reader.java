package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Opens version 2 files. */
public final class Version2Reader {
  private Version2Reader() {}

  /**
   * Reads header, metadata, directory and trailer, and checks them against the root hash.
   *
   * @param file the bytes
   * @param options limits, and how to find ancestors
   * @param workbench threads and memory
   */
  public static Mono<CheckpointFile> open(
      ChunkContent file, DecodeOptions options, Workbench workbench) {
    return new OutlineReader(file, options, workbench.workers())
        .read()
        .map(outline -> new IndexedFile(file, outline, options, workbench));
  }

  /**
   * Reads header and metadata only, and checks them against their checksums.
   *
   * @param file the bytes, at least the beginning of a file
   * @param options limits
   */
  public static Mono<CheckpointMetadata> readMetadata(ChunkContent file, DecodeOptions options) {
    return new OutlineReader(file, options, Schedulers.immediate()).readMetadata();
  }
}
