package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.LimitExceededException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * The metadata as both versions lay it out, without the length before it:
 *
 * <pre>
 * metadata = string kernel_id, string kernel_type, u64 step, u32 x3 grid, u32 x3 tile,
 *            u64 x3 hlc, u32 count, (string key, string value)*
 * </pre>
 */
public final class MetadataRecord {
  private MetadataRecord() {}

  /**
   * The record; entries come in the order of the keys' UTF-8 bytes, so that the same state gives
   * the same bytes.
   */
  public static ByteBuffer encode(CheckpointMetadata metadata) {
    ByteWriter out = new ByteWriter(256);
    out.string(metadata.kernelId()).string(metadata.kernelType()).u64(metadata.step());
    dim(out, metadata.gridSize());
    dim(out, metadata.tileSize());
    HlcTimestamp hlc = metadata.hlc();
    out.u64(hlc.physical()).u64(hlc.logical()).u64(hlc.nodeId());
    out.u32(metadata.custom().size());
    metadata.custom().forEach((key, value) -> out.string(key).string(value));
    return out.view();
  }

  /**
   * The same of what a reader with this limit takes.
   *
   * @param maxLength bytes of the record
   * @throws LimitExceededException when it is longer
   */
  public static ByteBuffer encode(CheckpointMetadata metadata, int maxLength) {
    ByteBuffer record = encode(metadata);
    if (record.remaining() > maxLength) {
      throw new LimitExceededException(
          "metadata length",
          record.remaining(),
          maxLength,
          "nobody with this limit could read it: keep large state in a chunk of its own, or raise"
              + " maxMetadataLength for all who read it");
    }
    return record;
  }

  /**
   * Reads a record.
   *
   * @param in stands at its start; afterwards behind its last entry
   * @param createdAtMicros from the file's header
   * @param lenient whether a duplicate key replaces the earlier one instead of being refused
   */
  public static CheckpointMetadata decode(ByteReader in, long createdAtMicros, boolean lenient) {
    String kernelId = in.string("kernel id");
    String kernelType = in.string("kernel type");
    CheckpointMetadata.Builder metadata =
        CheckpointMetadata.builder(kernelId, kernelType)
            .createdAtMicros(createdAtMicros)
            .step(in.u64("step"))
            .gridSize(dim(in, "grid size"))
            .tileSize(dim(in, "tile size"))
            .hlc(new HlcTimestamp(in.u64("hlc"), in.u64("hlc"), in.u64("hlc")));
    long count = Integer.toUnsignedLong(in.u32("custom count"));
    Set<String> keys = new HashSet<>();
    for (long i = 0; i < count; i++) {
      long position = in.position();
      String key = in.string("custom key");
      ByteReader.verify(
          keys.add(key) || lenient, position, "custom key '" + key + "' is there twice");
      metadata.custom(key, in.string("custom value"));
    }
    return metadata.build();
  }

  private static void dim(ByteWriter out, Dim3 value) {
    out.u32(value.x()).u32(value.y()).u32(value.z());
  }

  private static Dim3 dim(ByteReader in, String what) {
    return new Dim3(in.u32(what), in.u32(what), in.u32(what));
  }
}
