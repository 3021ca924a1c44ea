package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.wire.Workbench;
import reactor.core.publisher.Mono;

/** Being written. */
public final class Version2Reader {
  private Version2Reader() {}

  public static Mono<CheckpointFile> open(
      ChunkContent file, DecodeOptions options, Workbench workbench) {
    return Mono.error(new UnsupportedOperationException("being written"));
  }

  public static Mono<CheckpointMetadata> readMetadata(ChunkContent file, DecodeOptions options) {
    return Mono.error(new UnsupportedOperationException("being written"));
  }
}
