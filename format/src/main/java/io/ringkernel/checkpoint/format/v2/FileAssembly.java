package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.wire.MetadataRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts the parts of one file together, in order, and knows where in it the next byte stands.
 *
 * <pre>
 * file    = header metadata section* trailer
 * section = local-header payload        a block, an index page, or (once, last) the directory
 * </pre>
 *
 * One thread at a time.
 */
final class FileAssembly {
  private final ObjectId objectId;
  private final ByteBuffer header;
  private final ByteBuffer metadata;
  private final long maxPageBytes;
  private final PageQueue pages = new PageQueue();
  private final IndexBuilder index;
  private final IndexKeeper keeper;
  private final int blockSize;
  private long position;
  private @Nullable EncodedFile written;

  /**
   * Draws the file's id, when none is set, which may block.
   *
   * @param maxPageBytes encoded index pages beyond which they go into the file early
   */
  FileAssembly(
      Checkpoint checkpoint, EncodeOptions options, EncodeSettings settings, long maxPageBytes) {
    ObjectId chosen = options.objectId();
    this.objectId = chosen == null ? ObjectId.random() : chosen;
    this.metadata = MetadataRecord.encode(checkpoint.metadata(), options.maxMetadataLength());
    this.header =
        new Header(
                settings.blockSize(),
                metadata.remaining(),
                Layout.crc32(metadata),
                settings.compressionCode(),
                createdAt(checkpoint, options),
                objectId)
            .encode();
    this.maxPageBytes = maxPageBytes;
    this.blockSize = settings.blockSize();
    this.keeper = new IndexKeeper(options.maxIndexWeight());
    this.index = new IndexBuilder(settings, checkpoint.chunks(), pages, keeper);
  }

  private static long createdAt(Checkpoint checkpoint, EncodeOptions options) {
    Long asked = options.createdAtMicros();
    long told = asked == null ? checkpoint.metadata().createdAtMicros() : asked;
    return told == 0 && asked == null
        ? ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())
        : told;
  }

  /** What the file begins with. */
  List<OwnedBuffer> start() {
    position = (long) header.remaining() + metadata.remaining();
    return List.of(
        OwnedBuffer.unpooled(header.duplicate()), OwnedBuffer.unpooled(metadata.duplicate()));
  }

  /**
   * Takes note of the batch whose bytes come next.
   *
   * @return what follows them: index pages, when there are too many to keep, else nothing
   */
  List<OwnedBuffer> add(EncodedBatch batch) {
    index.add(batch, position);
    position += batch.length();
    return pages.bytes() > maxPageBytes ? drainPages() : List.of();
  }

  private List<OwnedBuffer> drainPages() {
    long length = pages.bytes();
    List<OwnedBuffer> sections = pages.drain(position);
    position += length;
    return sections;
  }

  /** What the file ends with. */
  List<OwnedBuffer> end() {
    List<OwnedBuffer> sections = new ArrayList<>(drainPages());
    Directory contents = index.directory();
    ByteBuffer directory = contents.encode();
    Trailer trailer = Trailer.of(header, metadata, directory, position);
    ByteBuffer local =
        new LocalHeader(Layout.DIRECTORY_SECTION, 0, directory.remaining(), 0).encode();
    sections.add(OwnedBuffer.unpooled(local));
    sections.add(OwnedBuffer.unpooled(directory));
    sections.add(OwnedBuffer.unpooled(trailer.encode()));
    written = encoded(contents, trailer);
    return sections;
  }

  /** What was written, once the end was. */
  EncodedFile written() {
    return Objects.requireNonNull(written);
  }

  private EncodedFile encoded(Directory directory, Trailer trailer) {
    Directory.Totals totals = directory.totals();
    return new EncodedFile(
        Layout.VERSION,
        trailer.totalSize(),
        totals.size(),
        totals.stored(),
        index.newSize(),
        totals.blocks(),
        totals.zeroBlocks(),
        totals.ancestorBlocks(),
        objectId,
        trailer.rootHash(),
        directory.ancestors(),
        keeper.index(objectId, trailer.rootHash(), blockSize, directory));
  }
}
