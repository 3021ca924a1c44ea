package io.ringkernel.checkpoint.format;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The deltas of version 1. Such a delta is a file with those chunks that differ from its base's.
 * Its metadata names the base by a CRC-32 of the base's content. It can't record that a chunk is
 * gone, and stores a chunk whole when one byte of it changed. It is supported for files that others
 * wrote or read.
 *
 * <p>A chunk is the same in base and delta when its type is the same, and for device memory and
 * custom chunks also its id. If there are several such chunks, the first is the same as the first,
 * and so on.
 */
public final class WholeChunkDelta {
  /** The custom metadata that holds the {@link #digest} of a delta's base. */
  public static final String PARENT_DIGEST = "ringkernel.delta.parent_digest";

  private static final int READ_BYTES = 256 << 10;
  private static final Set<ChunkType> WITH_ID = Set.of(ChunkType.DEVICE_MEMORY, ChunkType.CUSTOM);

  private record Identity(ChunkType type, long id, int occurrence) {}

  private WholeChunkDelta() {}

  /**
   * The digest by which a version 1 delta names its base; a checkpoint made by applying the delta
   * keeps it.
   *
   * @param metadata of a version 1 file
   * @return 8 hex digits, if it is there
   */
  public static Optional<String> parentDigest(CheckpointMetadata metadata) {
    return Optional.ofNullable(metadata.custom().get(PARENT_DIGEST));
  }

  /**
   * The digest of a file's base, if the file is a delta of version 1.
   *
   * @param file stays the caller's
   * @return 8 hex digits, if it is a delta of version 1, which holds only a part of a state
   */
  public static Optional<String> parentDigest(CheckpointFile file) {
    return file.header().version() == 1 ? parentDigest(file.metadata()) : Optional.empty();
  }

  /**
   * The metadata of an applied delta without the mark that would have it applied again.
   *
   * @param metadata of what {@link #apply} made
   */
  public static CheckpointMetadata standingAlone(CheckpointMetadata metadata) {
    Map<String, String> custom = new HashMap<>(metadata.custom());
    custom.remove(PARENT_DIGEST);
    return metadata.withCustom(custom);
  }

  /**
   * The digest of a base: CRC-32 over the chunks of known types, for each its type, its id where it
   * counts, four zero bytes, and its data. All of its state is read.
   *
   * @param base stays the caller's
   * @return 8 lower-case hex digits
   */
  public static Mono<String> digest(Checkpoint base) {
    return Mono.defer(
        () -> {
          CRC32 crc32 = new CRC32();
          return Flux.fromIterable(base.chunks())
              .filter(chunk -> ChunkType.known().contains(chunk.type()))
              .concatMap(chunk -> add(crc32, chunk), 1)
              .then(Mono.fromSupplier(() -> HexFormat.of().toHexDigits((int) crc32.getValue())));
        });
  }

  private static Mono<Void> add(CRC32 crc32, DataChunk chunk) {
    return Mono.defer(
        () -> {
          ByteBuffer start = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
          start.putInt(chunk.type().code()).putLong(id(chunk)).putInt(0);
          crc32.update(start.flip());
          return chunk.content().buffers(READ_BYTES).doOnNext(crc32::update).then();
        });
  }

  private static long id(DataChunk chunk) {
    return WITH_ID.contains(chunk.type()) ? chunk.id() : 0;
  }

  /**
   * The checkpoint that a delta stands for: the base's chunks in their order, replaced where the
   * delta has them, then those that only the delta has; the delta's metadata.
   *
   * @param base what the delta was made from; all of it is read
   * @param baseName for messages
   * @param delta what to apply
   * @return a checkpoint that reads from the two, which stay the caller's and must be open as long
   *     as it is; {@link BaseMismatchException} when the base is not the one that the delta names
   */
  public static Mono<Checkpoint> apply(Checkpoint base, String baseName, Checkpoint delta) {
    return Mono.defer(
        () -> {
          String wanted =
              parentDigest(delta.metadata())
                  .orElseThrow(() -> new IllegalArgumentException("it is no delta of version 1"));
          return digest(base)
              .map(
                  found -> {
                    if (!found.equals(wanted)) {
                      throw new BaseMismatchException(
                          baseName,
                          "its content digest is "
                              + found
                              + ", the delta was made from a base with "
                              + wanted,
                          null);
                    }
                    return applied(base, delta);
                  });
        });
  }

  private static Checkpoint applied(Checkpoint base, Checkpoint delta) {
    Map<Identity, DataChunk> chunks = byIdentity(base);
    chunks.putAll(byIdentity(delta));
    return Checkpoint.of(delta.metadata(), List.copyOf(chunks.values()), () -> {});
  }

  private static Map<Identity, DataChunk> byIdentity(Checkpoint checkpoint) {
    Map<Identity, DataChunk> chunks = new LinkedHashMap<>();
    Map<Identity, Integer> occurrences = new HashMap<>();
    for (DataChunk chunk : checkpoint.chunks()) {
      Identity first = new Identity(chunk.type(), id(chunk), 0);
      int occurrence = occurrences.merge(first, 1, Integer::sum) - 1;
      chunks.put(new Identity(chunk.type(), id(chunk), occurrence), chunk);
    }
    return chunks;
  }

  /**
   * A delta, to be encoded as version 1: those chunks of a checkpoint that the base lacks, or has
   * with other content. Both are read.
   *
   * @param base stays the caller's
   * @param baseName for messages
   * @param next stays the caller's, and must be open as long as the result is
   * @return the delta; {@link BaseMismatchException} when the base has a chunk that {@code next}
   *     lacks, or another order, which such a delta can't record
   */
  public static Mono<Checkpoint> between(Checkpoint base, String baseName, Checkpoint next) {
    return Mono.defer(
        () -> {
          Map<Identity, DataChunk> before = byIdentity(base);
          Map<Identity, DataChunk> after = byIdentity(next);
          requireTellable(before, baseName, after);
          return Flux.fromIterable(after.entrySet())
              .filterWhen(entry -> differs(before.get(entry.getKey()), entry.getValue()), 1)
              .map(Map.Entry::getValue)
              .collectList()
              .zipWith(digest(base), (changed, digest) -> delta(next, changed, digest));
        });
  }

  private static Checkpoint delta(Checkpoint next, List<DataChunk> changed, String digest) {
    CheckpointMetadata metadata = next.metadata().toBuilder().custom(PARENT_DIGEST, digest).build();
    return Checkpoint.of(metadata, changed, () -> {});
  }

  private static void requireTellable(
      Map<Identity, DataChunk> before, String baseName, Map<Identity, DataChunk> after) {
    List<Identity> expected = new ArrayList<>(before.keySet());
    after.keySet().stream().filter(one -> !before.containsKey(one)).forEach(expected::add);
    if (!expected.equals(List.copyOf(after.keySet()))) {
      throw new BaseMismatchException(
          baseName,
          "it has a chunk that is gone, or chunks in another order, which a delta of version 1"
              + " can't record: write a full checkpoint",
          null);
    }
  }

  private static Mono<Boolean> differs(@Nullable DataChunk before, DataChunk after) {
    if (before == null || before.size() != after.size() || before.flags() != after.flags()) {
      return Mono.just(true);
    }
    return Flux.zip(
            before.content().buffers(READ_BYTES),
            after.content().buffers(READ_BYTES),
            ByteBuffer::equals)
        .all(same -> same)
        .map(same -> !same);
  }
}
