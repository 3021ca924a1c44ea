package io.ringkernel.checkpoint.format.wire;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import java.nio.ByteBuffer;
import java.util.List;
import reactor.core.publisher.Mono;

/** The first bytes of a file, the same in both versions: magic number and version. */
public final class FilePrefix {
  /** "10TPKCKR". */
  public static final long MAGIC = 0x524B434B50543031L;

  private static final int LENGTH = 12;

  private FilePrefix() {}

  /** The version of a file: 1 or 2, all others are refused. */
  public static Mono<Integer> version(ChunkContent file) {
    return Mono.defer(
        () -> {
          ByteBuffer start = ByteBuffer.allocate(LENGTH);
          return file.read(0, start).map(read -> version(start.flip()));
        });
  }

  private static int version(ByteBuffer start) {
    ByteReader in = new ByteReader(start, 0);
    ByteReader.verify(
        start.remaining() == LENGTH,
        start.remaining(),
        "it ends here, before a .rkcp file has begun: it is none, or was cut off");
    ByteReader.verify(
        in.u64("magic number") == MAGIC,
        0,
        "the magic number of a .rkcp file is not there: it is none, or its beginning is damaged");
    int version = in.u32("version");
    if (version != 1 && version != 2) {
      throw new UnsupportedVersionException(Integer.toUnsignedLong(version), List.of(1, 2));
    }
    return version;
  }
}
