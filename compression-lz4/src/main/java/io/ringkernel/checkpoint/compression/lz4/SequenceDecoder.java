package io.ringkernel.checkpoint.compression.lz4;

import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import java.nio.ByteBuffer;

/**
 * Decodes the sequences of one LZ4 block in Java: for linked blocks, as lz4-java has no call that
 * takes what came before; and to find the place where a block is malformed.
 *
 * <pre>
 * block    = sequence* last
 * sequence = token [literal length] literals u16 distance [match length]
 * last     = token [literal length] literals
 * token    = literal length (high 4 bits), match length - 4 (low 4 bits);
 *            15 means that bytes follow which are added, up to and including the first below 255
 * </pre>
 *
 * <p>Positions are absolute indexes of the two buffers, which both stay as they are.
 */
final class SequenceDecoder {
  private static final int LENGTH_FOLLOWS = 15;
  private static final int SHORTEST_MATCH = 4;

  private final ByteBuffer source;
  private final ByteBuffer target;
  private final int oldest;
  private int in;
  private int out;

  private SequenceDecoder(ByteBuffer source, ByteBuffer target, int history) {
    this.source = source;
    this.target = target;
    this.in = source.position();
    this.out = target.position();
    this.oldest = out - history;
  }

  /**
   * Decodes all remaining bytes of {@code source}.
   *
   * @param source one block
   * @param target room for it, from position to limit
   * @param history bytes before the target's position that matches may refer to
   * @return how many bytes the block holds
   * @throws CorruptCheckpointException when the block is malformed or holds more than the room; the
   *     offset is relative to the source's position
   */
  static int decode(ByteBuffer source, ByteBuffer target, int history) {
    SequenceDecoder decoder = new SequenceDecoder(source, target, history);
    decoder.sequences();
    return decoder.out - target.position();
  }

  private void sequences() {
    while (true) {
      int token = next();
      copyLiterals(length(token >>> 4));
      if (in == source.limit()) {
        return;
      }
      copyMatch(token & LENGTH_FOLLOWS);
    }
  }

  private void copyLiterals(int length) {
    if (length > source.limit() - in) {
      throw corrupt(in, length + " literals run past the end of the LZ4 block");
    }
    target.put(out, source, in, length);
    in += length;
    out += length;
  }

  private void copyMatch(int shortLength) {
    int at = in;
    int distance = next() | next() << 8;
    if (distance == 0 || distance > out - oldest) {
      throw corrupt(at, "a match " + distance + " bytes back in an LZ4 block lies before its data");
    }
    int length = withinRoom(length(shortLength) + SHORTEST_MATCH, at);
    // A match may overlap what it makes. Every round doubles what can be copied at once.
    int from = out - distance;
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, distance + done);
      target.put(out + done, target, from, piece);
      done += piece;
    }
    out += length;
  }

  /** A length of which the token holds the first 4 bits; never more than the room left. */
  private int length(int first) {
    int at = in;
    int length = withinRoom(first, at);
    if (first == LENGTH_FOLLOWS) {
      int more;
      do {
        more = next();
        // Checked at every step, so that no chain of 255s can overflow.
        length = withinRoom(length + more, at);
      } while (more == 255);
    }
    return length;
  }

  private int withinRoom(int length, int at) {
    if (length > target.limit() - out) {
      throw corrupt(at, "the LZ4 block holds more than " + target.remaining() + " bytes");
    }
    return length;
  }

  private int next() {
    if (in == source.limit()) {
      throw corrupt(in, "the LZ4 block ends within a sequence");
    }
    return source.get(in++) & 0xFF;
  }

  private CorruptCheckpointException corrupt(int at, String reason) {
    return new CorruptCheckpointException(at - source.position(), reason);
  }
}
