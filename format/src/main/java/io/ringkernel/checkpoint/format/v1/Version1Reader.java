package io.ringkernel.checkpoint.format.v1;

import static io.ringkernel.checkpoint.format.v1.Layout.HEADER_LENGTH;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.FileHeader;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import io.ringkernel.checkpoint.format.wire.Windows;
import io.ringkernel.checkpoint.format.wire.Workbench;
import io.ringkernel.checkpoint.internal.ExactRead;
import java.nio.ByteBuffer;
import reactor.core.publisher.Mono;

/**
 * Opens files of version 1.
 *
 * <p>One checksum covers everything behind the header, so all of a file is read once before
 * anything of it is given out. Strict reading refuses what the format can't mean; lenient reading
 * takes what the reference takes, as long as the checksum is right.
 */
public final class Version1Reader {
  /** Mostly enough for header and metadata. */
  private static final int FIRST_READ = 4096;

  private static final int METADATA_AT = HEADER_LENGTH + Integer.BYTES;

  private Version1Reader() {}

  /**
   * Opens a file.
   *
   * @param file the bytes
   * @param options limits and leniency
   * @param workbench threads, memory and codecs
   */
  public static Mono<CheckpointFile> open(
      ChunkContent file, DecodeOptions options, Workbench workbench) {
    return read(file, options, workbench).cast(CheckpointFile.class);
  }

  /** The same as a file of this version. */
  static Mono<Version1File> read(ChunkContent file, DecodeOptions options, Workbench workbench) {
    return start(file, HEADER_LENGTH)
        .map(
            bytes -> {
              FileHeader header = Header.decode(bytes, options.lenient());
              if (!options.lenient()) {
                Header.verifyLength(header, file.size());
              }
              return header;
            })
        .flatMap(
            header ->
                scan(file, header, options, workbench)
                    .flatMap(body -> opened(file, options, workbench, header, body)));
  }

  /**
   * Reads header and metadata alone; nothing tells whether they are whole.
   *
   * @param file the bytes, at least the beginning of a file
   * @param options limits and leniency
   */
  public static Mono<CheckpointMetadata> readMetadata(ChunkContent file, DecodeOptions options) {
    return start(file, FIRST_READ)
        .flatMap(
            first -> {
              FileHeader header = Header.decode(first, options.lenient());
              ByteReader in = new ByteReader(first.position(HEADER_LENGTH), HEADER_LENGTH);
              int length = BodyScanner.metadataLength(in, file.size(), options);
              ByteBuffer metadata = ByteBuffer.allocate(length);
              metadata.put(first.slice(METADATA_AT, Math.min(length, in.remaining())));
              return rest(file, metadata)
                  .map(
                      whole ->
                          BodyScanner.metadata(
                              new ByteReader(whole, METADATA_AT), header, options));
            });
  }

  private static Mono<ByteBuffer> start(ChunkContent file, int length) {
    return Mono.defer(
        () -> ExactRead.of(file, 0, ByteBuffer.allocate((int) Math.min(length, file.size()))));
  }

  private static Mono<ByteBuffer> rest(ChunkContent file, ByteBuffer metadata) {
    return metadata.hasRemaining()
        ? ExactRead.of(file, METADATA_AT + metadata.position(), metadata)
            .map(filled -> filled.position(0))
        : Mono.just(metadata.flip());
  }

  private static Mono<Body> scan(
      ChunkContent file, FileHeader header, DecodeOptions options, Workbench workbench) {
    return Mono.defer(
            () -> {
              BodyScanner scanner = new BodyScanner(header, file.size(), options);
              return Windows.of(file.slice(HEADER_LENGTH, file.size() - HEADER_LENGTH), workbench)
                  .doOnNext(window -> accept(scanner, window))
                  .then(Mono.fromSupplier(scanner::result));
            })
        .subscribeOn(workbench.workers());
  }

  private static void accept(BodyScanner scanner, OwnedBuffer window) {
    try (window) {
      scanner.accept(window.buffer());
    }
  }

  private static Mono<Version1File> opened(
      ChunkContent file, DecodeOptions options, Workbench workbench, FileHeader header, Body body) {
    if (body.chunks().stream().noneMatch(Body.Found::compressed)) {
      return Mono.just(new Version1File(file, options, workbench, header, body, null));
    }
    return workbench
        .codec(codecs -> codecs.byCode(header.compression()))
        .map(codec -> new Version1File(file, options, workbench, header, body, codec));
  }
}
