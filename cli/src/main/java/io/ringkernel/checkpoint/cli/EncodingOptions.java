package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.format.EncodeOptions;
import picocli.CommandLine.Option;

/** How a checkpoint is written. */
final class EncodingOptions {
  @Option(
      names = "--format",
      paramLabel = "1|2",
      defaultValue = "2",
      converter = Converters.FormatVersion.class,
      description = "The version of the format to write: 2 (default), or 1 for other tools.")
  private int format;

  @Option(
      names = "--compression",
      paramLabel = "C",
      defaultValue = "none",
      converter = Converters.CompressionName.class,
      description = "none (default), lz4 or zstd, or with a level: zstd:7.")
  private Compression compression = Compression.NONE;

  /** 1 or 2. */
  int format() {
    return format;
  }

  /** Codec and level. */
  Compression compression() {
    return compression;
  }

  /** What was asked for. */
  EncodeOptions.Builder builder() {
    return EncodeOptions.builder().formatVersion(format).compression(compression);
  }
}
