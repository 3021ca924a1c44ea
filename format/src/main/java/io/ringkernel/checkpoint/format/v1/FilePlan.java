package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.wire.ByteWriter;
import io.ringkernel.checkpoint.format.wire.FilePrefix;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A file of which all is known, so that its bytes can be given out.
 *
 * @param metadata with its length before it
 * @param chunks in order
 * @param compression the code, when a chunk is compressed
 * @param checksum of everything behind the header
 * @param createdAtMicros microseconds since the Unix epoch
 */
record FilePlan(
    ByteBuffer metadata,
    List<StoredChunk> chunks,
    int compression,
    int checksum,
    long createdAtMicros) {

  /** The file's bytes in order, as demanded. */
  Flux<OwnedBuffer> bytes(Consumer<EncodedFile> written) {
    return Flux.concat(
        Mono.fromSupplier(this::beginning),
        Flux.fromIterable(chunks).concatMap(StoredChunk::bytes, 1),
        Mono.fromRunnable(() -> written.accept(encoded())));
  }

  private OwnedBuffer beginning() {
    ByteBuffer header =
        Header.encode(
            new FileHeader(
                FilePrefix.MAGIC,
                Layout.VERSION,
                Layout.TOLD_HEADER_SIZE,
                Layout.TOLD_HEADER_SIZE + bodyLength(),
                chunks.size(),
                compression,
                checksum,
                0,
                createdAtMicros,
                0));
    return OwnedBuffer.unpooled(
        new ByteWriter(Layout.HEADER_LENGTH + metadata.remaining())
            .bytes(header)
            .bytes(metadata)
            .view());
  }

  private EncodedFile encoded() {
    return new EncodedFile(
        Layout.VERSION,
        Layout.HEADER_LENGTH + bodyLength(),
        rawSize(),
        storedSize(),
        rawSize(),
        0,
        0,
        0,
        null,
        null,
        List.of(),
        null);
  }

  private long rawSize() {
    return chunks.stream().mapToLong(chunk -> chunk.entry().uncompressedSize()).sum();
  }

  private long bodyLength() {
    return metadata.remaining() + (long) chunks.size() * Layout.CHUNK_HEADER_LENGTH + storedSize();
  }

  private long storedSize() {
    return chunks.stream().mapToLong(chunk -> chunk.entry().compressedSize()).sum();
  }
}
