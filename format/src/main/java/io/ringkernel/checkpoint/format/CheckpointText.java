package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A checkpoint file as text: one line for each field of header and metadata, and one for each chunk
 * with its sizes as the file states them and the length and CRC-32 of its raw bytes. Two files with
 * the same text hold the same state. The text is what the reference implementation's own dump
 * prints.
 *
 * <pre>
 * magic 0x524b434b50543031
 * version 1
 * ...
 * kernel_id "sim%20kernel"
 * custom "key"="value"
 * chunk 0 type 5 flags 0 usize 6 csize 6 id 0x50653700c6865f9c len 6 crc32 0xcc9cfee6
 * </pre>
 *
 * A chunk whose bytes are damaged has {@code damaged} in place of its CRC-32. Numbers are unsigned.
 * In texts, everything but printable ASCII characters is written as the %XX of its UTF-8 bytes, and
 * so are the space, {@code "}, {@code %} and {@code =}: a line holds nothing that a terminal would
 * act on.
 */
public final class CheckpointText {
  private static final int READ_BYTES = 256 << 10;
  private static final String ESCAPED = "\"%=";

  private CheckpointText() {}

  /**
   * The text of a file, without line ends. Every byte of state is read, one buffer at a time, and
   * summed on the thread that the content gives it on.
   *
   * @param file an opened file of either version
   * @return its lines in order, as demanded; an error where its state can't be read, and at the end
   *     if a chunk was damaged: that of the first such chunk
   */
  public static Flux<String> lines(CheckpointFile file) {
    return Flux.using(
        () -> file.checkpoint(() -> {}),
        opened ->
            Flux.concat(
                Flux.fromIterable(header(file.header())),
                metadata(file.metadata()),
                Mono.just("chunks " + file.chunks().size()),
                chunks(file.chunks(), opened.chunks())),
        Checkpoint::close);
  }

  /** One that is damaged says nothing of the next, which may be all that somebody needs. */
  private static Flux<String> chunks(List<ChunkLayout> layouts, List<DataChunk> chunks) {
    return Flux.defer(
        () -> {
          AtomicReference<@Nullable CorruptCheckpointException> damage = new AtomicReference<>();
          return Flux.range(0, layouts.size())
              .concatMap(
                  index ->
                      chunk(index, layouts.get(index), chunks.get(index))
                          .onErrorResume(
                              CorruptCheckpointException.class,
                              e -> {
                                damage.compareAndSet(null, e);
                                return Mono.just(
                                    known(index, layouts.get(index), chunks.get(index))
                                        + " damaged");
                              }),
                  1)
              .concatWith(
                  Mono.defer(() -> Mono.justOrEmpty(damage.get()).flatMap(e -> Mono.error(e))));
        });
  }

  private static List<String> header(FileHeader header) {
    return List.of(
        "magic 0x" + hex(header.magic()),
        "version " + Integer.toUnsignedString(header.version()),
        "header_size " + Integer.toUnsignedString(header.headerSize()),
        "total_size " + Long.toUnsignedString(header.totalSize()),
        "chunk_count " + Integer.toUnsignedString(header.chunkCount()),
        "compression " + Integer.toUnsignedString(header.compression()),
        "checksum 0x" + hex(header.checksum()),
        "flags " + Integer.toUnsignedString(header.flags()),
        "created_at " + Long.toUnsignedString(header.createdAtMicros()),
        // Bytes and no number: in the order of the file.
        "reserved " + hex(Long.reverseBytes(header.reserved())));
  }

  private static Flux<String> metadata(CheckpointMetadata metadata) {
    return Flux.concat(
        Flux.just(
            "kernel_id " + quoted(metadata.kernelId()),
            "kernel_type " + quoted(metadata.kernelType()),
            "step " + Long.toUnsignedString(metadata.step()),
            "grid " + metadata.gridSize(),
            "tile " + metadata.tileSize(),
            "hlc " + metadata.hlc(),
            "custom_count " + metadata.custom().size()),
        Flux.fromIterable(metadata.custom().entrySet())
            .map(entry -> "custom " + quoted(entry.getKey()) + "=" + quoted(entry.getValue())));
  }

  private static Mono<String> chunk(int index, ChunkLayout layout, DataChunk chunk) {
    return crc32(chunk.content())
        .map(crc32 -> known(index, layout, chunk) + " crc32 0x" + hex(crc32));
  }

  /** What the file tells of a chunk, without a look at its bytes. */
  private static String known(int index, ChunkLayout layout, DataChunk chunk) {
    return "chunk "
        + index
        + " type "
        + Integer.toUnsignedString(chunk.type().code())
        + " flags "
        + Integer.toUnsignedString(chunk.flags())
        + " usize "
        + Long.toUnsignedString(layout.declaredSize())
        + " csize "
        + Long.toUnsignedString(layout.storedSize())
        + " id 0x"
        + hex(chunk.id())
        + " len "
        + chunk.size();
  }

  private static Mono<Integer> crc32(ChunkContent content) {
    return content
        .buffers(READ_BYTES)
        .reduceWith(
            CRC32::new,
            (crc32, bytes) -> {
              crc32.update(bytes);
              return crc32;
            })
        .map(crc32 -> (int) crc32.getValue());
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (byte unit : text.getBytes(StandardCharsets.UTF_8)) {
      if (unit > ' ' && unit < 0x7F && ESCAPED.indexOf(unit) < 0) {
        quoted.append((char) unit);
      } else {
        quoted.append(String.format("%%%02X", unit));
      }
    }
    return quoted.append('"').toString();
  }

  private static String hex(long value) {
    return String.format("%016x", value);
  }

  private static String hex(int value) {
    return String.format("%08x", value);
  }
}
