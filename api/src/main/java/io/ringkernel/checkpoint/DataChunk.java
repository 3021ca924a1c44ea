package io.ringkernel.checkpoint;

import io.ringkernel.checkpoint.internal.SipHash;
import io.ringkernel.checkpoint.internal.Utf8;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One typed piece of state: type, 64-bit id, and bytes.
 *
 * <p>Its identity in a checkpoint is (type, id, occurrence): a file may hold two of one type and
 * id.
 */
public final class DataChunk {
  private final ChunkType type;
  private final long id;
  private final int flags;
  private final @Nullable String name;
  private final ChunkContent content;
  private final Mono<BlockFingerprints> fingerprints;
  private final @Nullable ChangedBlocks changedBlocks;

  private DataChunk(
      ChunkType type,
      long id,
      int flags,
      @Nullable String name,
      ChunkContent content,
      Mono<BlockFingerprints> fingerprints,
      @Nullable ChangedBlocks changedBlocks) {
    this.type = type;
    this.id = id;
    this.flags = flags;
    this.name = name;
    this.content = content;
    this.fingerprints = fingerprints;
    this.changedBlocks = changedBlocks;
  }

  /**
   * A chunk without a name.
   *
   * @param type what kind of state it is
   * @param id distinguishes it from others of its type; unsigned
   * @param content its bytes
   */
  public static DataChunk of(ChunkType type, long id, ChunkContent content) {
    return new DataChunk(type, id, 0, null, content, Mono.empty(), null);
  }

  /**
   * A named region of device memory; its id is {@link #regionId}.
   *
   * @param name any text without a lone surrogate, also empty
   * @param content its bytes
   */
  public static DataChunk region(String name, ChunkContent content) {
    return of(ChunkType.DEVICE_MEMORY, regionId(name), content).withName(name);
  }

  /**
   * The id of a named region: SipHash-1-3 under the key (0, 0) over the UTF-8 bytes of the name and
   * one byte 0xFF, as the reference implementation computes it.
   *
   * @param name any text without a lone surrogate, also empty
   * @throws IllegalArgumentException when the name has a lone surrogate
   */
  public static long regionId(String name) {
    return SipHash.hash13(Utf8.encode(name), (byte) 0xFF);
  }

  /**
   * This chunk with a name. The name is not its identity: that stays (type, id, occurrence).
   *
   * @param newName any text without a lone surrogate
   */
  public DataChunk withName(String newName) {
    Utf8.requireWellFormed(newName);
    return new DataChunk(type, id, flags, newName, content, fingerprints, changedBlocks);
  }

  /**
   * This chunk with an application's flags, kept as they are.
   *
   * @param newFlags 32 bits of the application's own
   */
  public DataChunk withFlags(int newFlags) {
    return new DataChunk(type, id, newFlags, name, content, fingerprints, changedBlocks);
  }

  /**
   * This chunk with other bytes; fingerprints and changed blocks of the old ones are dropped.
   *
   * @param newContent the bytes
   */
  public DataChunk withContent(ChunkContent newContent) {
    return new DataChunk(type, id, flags, name, newContent, Mono.empty(), null);
  }

  /**
   * This chunk with the fingerprints of its blocks: computed by the kernel, or read from an index
   * when subscribed to.
   *
   * @param values one for each block of the content
   */
  public DataChunk withFingerprints(Mono<BlockFingerprints> values) {
    return new DataChunk(type, id, flags, name, content, values, changedBlocks);
  }

  /**
   * This chunk with what the kernel knows of changes since the base it was captured against. Blocks
   * that did not change are not read.
   *
   * @param blocks which blocks may differ
   */
  public DataChunk withChangedBlocks(ChangedBlocks blocks) {
    return new DataChunk(type, id, flags, name, content, fingerprints, blocks);
  }

  /** What kind of state it is. */
  public ChunkType type() {
    return type;
  }

  /** Its id, which distinguishes it from others of its type; unsigned. */
  public long id() {
    return id;
  }

  /** 32 bits of the application's own, kept and written back; 0 unless set. */
  public int flags() {
    return flags;
  }

  /** The region's name, when it is known: version 1 files keep only its hash. */
  public Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** The bytes. */
  public ChunkContent content() {
    return content;
  }

  /** Length of the content in bytes. */
  public long size() {
    return content.size();
  }

  /** The fingerprints of the blocks, when the kernel or the file brought them, else empty. */
  public Mono<BlockFingerprints> fingerprints() {
    return fingerprints;
  }

  /** What the kernel knows of changes since the base; empty when it did not say. */
  public Optional<ChangedBlocks> changedBlocks() {
    return Optional.ofNullable(changedBlocks);
  }

  @Override
  public String toString() {
    String shown = name == null ? Long.toHexString(id) : name;
    return type.label() + " '" + shown + "', " + size() + " bytes";
  }
}
