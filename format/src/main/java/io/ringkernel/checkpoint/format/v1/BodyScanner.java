package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads metadata and chunk headers out of the bytes behind the header as they pass by, and computes
 * their checksum: one pass for both. A part that is malformed does not end the pass, so that the
 * verdict can tell damage from a file that was written so. One thread at a time.
 */
final class BodyScanner {
  private enum Part {
    METADATA_LENGTH,
    METADATA,
    CHUNK_HEADER
  }

  private record Identity(ChunkType type, long id) {}

  private final FileHeader header;
  private final long fileLength;
  private final DecodeOptions options;
  private final CRC32 checksum = new CRC32();
  private final List<Body.Found> chunks = new ArrayList<>();
  private final Map<Identity, Integer> occurrences = new HashMap<>();

  /** What is being gathered, once {@link #passing} bytes have gone by. */
  private Part part = Part.METADATA_LENGTH;

  private ByteBuffer wanted;
  private long passing;

  /** Of the next byte in the file. */
  private long position = Layout.HEADER_LENGTH;

  private long roomForState;
  private @Nullable CheckpointMetadata metadata;
  private @Nullable CorruptCheckpointException failure;

  BodyScanner(FileHeader header, long fileLength, DecodeOptions options) {
    this.header = header;
    this.fileLength = fileLength;
    this.options = options;
    this.roomForState = options.maxSize();
    this.wanted = expect(Part.METADATA_LENGTH, Integer.BYTES, "the length of the metadata");
  }

  /** Takes the next bytes of the file; position and limit are left as they are. */
  void accept(ByteBuffer window) {
    checksum.update(window.duplicate());
    ByteBuffer rest = window.duplicate();
    try {
      while (failure == null && rest.hasRemaining()) {
        take(rest);
      }
    } catch (CorruptCheckpointException e) {
      failure = e;
    }
  }

  /** What was found, once all bytes have been taken. */
  Body result() {
    int found = (int) checksum.getValue();
    boolean intact = found == header.checksum();
    if (failure != null) {
      throw new CorruptCheckpointException(
          failure.offset(),
          failure.reason()
              + (intact
                  ? "; the file's checksum is right, so it was written this way"
                  : "; the file's checksum differs as well, so it was damaged later"),
          failure);
    }
    verify(
        intact,
        Layout.CHECKSUM_AT,
        String.format(
            "the checksum of the bytes from 64 on is %08x, the header expects %08x",
            found, header.checksum()));
    if (metadata == null) {
      throw new IllegalStateException("the scan of " + fileLength + " bytes ended at " + position);
    }
    return new Body(metadata, List.copyOf(chunks));
  }

  private void take(ByteBuffer rest) {
    if (passing > 0) {
      int passed = (int) Math.min(passing, rest.remaining());
      rest.position(rest.position() + passed);
      passing -= passed;
      position += passed;
      return;
    }
    int taken = Math.min(wanted.remaining(), rest.remaining());
    wanted.put(rest.slice(rest.position(), taken));
    rest.position(rest.position() + taken);
    position += taken;
    if (!wanted.hasRemaining()) {
      ByteBuffer whole = wanted.flip();
      ByteReader in = new ByteReader(whole, position - whole.remaining());
      switch (part) {
        case METADATA_LENGTH -> metadataLength(in);
        case METADATA -> metadata(in);
        case CHUNK_HEADER -> chunkHeader(in);
      }
    }
  }

  private void metadataLength(ByteReader in) {
    int length = metadataLength(in, fileLength, options);
    wanted = expect(Part.METADATA, length, "the metadata");
  }

  /**
   * Reads the length of the metadata and checks it.
   *
   * @param in stands at it
   * @param fileLength bytes of the file
   */
  static int metadataLength(ByteReader in, long fileLength, DecodeOptions options) {
    long at = in.position();
    long length = Integer.toUnsignedLong(in.u32("the length of the metadata"));
    long left = fileLength - at - Integer.BYTES;
    verify(
        length <= left,
        at,
        "metadata of " + length + " bytes runs past the end, " + left + " are left");
    verify(
        length >= Layout.MIN_METADATA_LENGTH,
        at,
        "metadata of "
            + length
            + " bytes is too short, it takes "
            + Layout.MIN_METADATA_LENGTH
            + " at least");
    if (length > options.maxMetadataLength()) {
      throw new LimitExceededException("metadata length", length, options.maxMetadataLength());
    }
    return (int) length;
  }

  private void metadata(ByteReader in) {
    metadata = metadata(in, header, options);
    long count = Integer.toUnsignedLong(header.chunkCount());
    long left = fileLength - position;
    verify(
        count <= left / Layout.CHUNK_HEADER_LENGTH,
        Layout.CHUNK_COUNT_AT,
        count
            + " chunks take "
            + count * Layout.CHUNK_HEADER_LENGTH
            + " bytes at least, "
            + left
            + " are left");
    if (count * Layout.CHUNK_HEADER_LENGTH > options.maxIndexLength()) {
      throw new LimitExceededException(
          "bytes of chunk headers", count * Layout.CHUNK_HEADER_LENGTH, options.maxIndexLength());
    }
    expectChunk();
  }

  /**
   * Reads the metadata.
   *
   * @param in holds exactly them
   */
  static CheckpointMetadata metadata(ByteReader in, FileHeader header, DecodeOptions options) {
    CheckpointMetadata metadata =
        MetadataRecord.decode(in, header.createdAtMicros(), options.lenient());
    if (!options.lenient()) {
      in.end("the metadata");
    }
    return metadata;
  }

  private void chunkHeader(ByteReader in) {
    long at = in.position();
    int index = chunks.size();
    ChunkEntry entry = ChunkEntry.decode(in);
    entry.verifyWithin(fileLength - position, at, index);
    if (!options.lenient()) {
      entry.verifySizes(header.compression(), at, index);
    }
    int occurrence =
        occurrences.merge(new Identity(entry.type(), entry.id()), 0, (n, zero) -> n + 1);
    Body.Found found =
        new Body.Found(entry, position, occurrence, entry.isCompressed(header.compression()));
    takeRoom(found.contentSize(), entry, index);
    passing = entry.compressedSize();
    chunks.add(found);
    expectChunk();
  }

  private void takeRoom(long size, ChunkEntry entry, int index) {
    if (Long.compareUnsigned(size, roomForState) > 0) {
      throw new LimitExceededException(
          entry.label(index)
              + ", behind "
              + (options.maxSize() - roomForState)
              + " bytes of state: its size",
          size,
          roomForState);
    }
    roomForState -= size;
  }

  private void expectChunk() {
    if (chunks.size() < Integer.toUnsignedLong(header.chunkCount())) {
      wanted = expect(Part.CHUNK_HEADER, Layout.CHUNK_HEADER_LENGTH, "a chunk");
      return;
    }
    long end = position + passing;
    verify(
        options.lenient() || end == fileLength,
        end,
        (fileLength - end) + " bytes follow the last of " + chunks.size() + " chunks");
    passing = fileLength - position;
  }

  private ByteBuffer expect(Part next, int length, String what) {
    long start = position + passing;
    verify(
        length <= fileLength - start,
        start,
        () -> what + " takes " + length + " bytes at least, " + (fileLength - start) + " are left");
    part = next;
    return ByteBuffer.allocate(length);
  }
}
