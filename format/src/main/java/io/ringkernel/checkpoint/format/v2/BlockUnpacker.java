package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.BlockDecompressor;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.v2.Transfer.Part;
import io.ringkernel.checkpoint.format.v2.Transfer.Section;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns stored blocks of one file into raw bytes, each verified: the local header, the checksum
 * before a decompressor sees a byte, the fingerprint before anybody else does. One thread at a
 * time.
 */
final class BlockUnpacker implements AutoCloseable {
  private final BlockSource source;
  private final List<Directory.Entry> chunks;
  private final Map<Integer, CompressionCodec> codecs;
  private final Workbench workbench;
  private final Map<FingerprintAlgorithm, Fingerprinter> fingerprinters =
      new EnumMap<>(FingerprintAlgorithm.class);
  private final byte[] fingerprint = new byte[FingerprintAlgorithm.SHA_256.length()];
  private final Map<Integer, BlockDecompressor> decompressors = new HashMap<>();
  private @Nullable OwnedBuffer scratch;

  /**
   * @param source the file that the blocks are in
   * @param chunks that they may be of
   * @param codecs that they were compressed by, by code
   * @param workbench memory
   */
  BlockUnpacker(
      BlockSource source,
      List<Directory.Entry> chunks,
      Map<Integer, CompressionCodec> codecs,
      Workbench workbench) {
    this.source = source;
    this.chunks = chunks;
    this.codecs = codecs;
    this.workbench = workbench;
  }

  /**
   * Unpacks a block.
   *
   * @param section its stored bytes
   * @param target takes the part that is wanted; null when it is only to be verified
   */
  void unpack(Section section, @Nullable ByteBuffer target) {
    Part part = section.part();
    verifyHeader(section);
    ByteBuffer whole =
        target != null && part.isWhole()
            ? target.slice((int) part.targetAt(), part.rawLength())
            : null;
    ByteBuffer raw =
        part.location().kind() == BlockLocation.Kind.RAW
            ? raw(section, whole)
            : decompressed(part, section.payload(), whole);
    verifyFingerprint(part, raw);
    if (target != null && whole == null) {
      target.put((int) part.targetAt(), raw, part.from(), part.to() - part.from());
    }
  }

  private void verifyHeader(Section section) {
    BlockLocation location = section.part().location();
    if (!location.isForeign()) {
      Part part = section.part();
      new LocalHeader(part.chunk(), (int) part.number(), part.storedLength(), location.codec())
          .verifyAt(section.header(), location.position(), () -> name(section.part()));
      return;
    }
    // Which chunk and block it was over there is not for this file to say.
    LocalHeader found = LocalHeader.read(section.header());
    if (found == null
        || found.codec() != location.codec()
        || found.storedLength() != location.storedLength()) {
      throw source.corrupt(
          location.position(),
          "the local header of " + name(section.part()) + " is not what the index says",
          null);
    }
  }

  private static ByteBuffer raw(Section section, @Nullable ByteBuffer whole) {
    return whole == null || section.inPlace()
        ? section.payload()
        : whole.put(0, section.payload(), 0, whole.remaining());
  }

  private ByteBuffer decompressed(Part part, ByteBuffer payload, @Nullable ByteBuffer whole) {
    BlockLocation location = part.location();
    long payloadAt = location.position() + Layout.LOCAL_HEADER_SIZE;
    int crc = Layout.crc32(payload);
    if (crc != location.crc32()) {
      throw source.corrupt(
          payloadAt,
          String.format(
              "the checksum of %s is %08x, expected %08x", name(part), crc, location.crc32()),
          null);
    }
    BlockDecompressor decompressor =
        decompressors.computeIfAbsent(
            location.codec(), code -> Objects.requireNonNull(codecs.get(code)).blockDecompressor());
    ByteBuffer raw = whole == null ? scratch(part.rawLength()) : whole;
    try {
      decompressor.decompress(payload, raw);
    } catch (CorruptCheckpointException e) {
      throw source.corrupt(payloadAt + e.offset(), e.reason() + ", in " + name(part), e);
    }
    return raw.flip();
  }

  private ByteBuffer scratch(int length) {
    if (length > workbench.buffers().bufferSize()) {
      return ByteBuffer.allocate(length);
    }
    OwnedBuffer held = scratch;
    if (held == null) {
      held = workbench.buffers().acquire();
      scratch = held;
    }
    return held.buffer().slice(0, length);
  }

  private void verifyFingerprint(Part part, ByteBuffer raw) {
    BlockFingerprints expected = part.fingerprint();
    fingerprinters
        .computeIfAbsent(expected.algorithm(), Fingerprinter::of)
        .hash(raw, fingerprint, 0);
    if (!expected.matches(0, fingerprint, 0)) {
      HexFormat hex = HexFormat.of();
      throw source.corrupt(
          part.location().position() + Layout.LOCAL_HEADER_SIZE,
          "the fingerprint of "
              + name(part)
              + " is "
              + hex.formatHex(fingerprint, 0, expected.algorithm().length())
              + ", expected "
              + hex.formatHex(expected.get(0)),
          null);
    }
  }

  private String name(Part part) {
    int index = part.chunk();
    Directory.Entry chunk = chunks.get(index);
    String named = chunk.name() == null ? Long.toHexString(chunk.id()) : chunk.name();
    return "block " + part.number() + " of chunk " + index + " '" + named + "'" + source.place();
  }

  @Override
  public void close() {
    decompressors.values().forEach(BlockDecompressor::close);
    if (scratch != null) {
      scratch.close();
    }
  }
}
