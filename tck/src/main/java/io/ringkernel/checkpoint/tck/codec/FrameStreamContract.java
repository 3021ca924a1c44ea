package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.compression.FrameCompressor;
import io.ringkernel.checkpoint.compression.FrameDecompressor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a stream begins and ends, what is held back, and frames one after the other. */
public abstract class FrameStreamContract extends CodecContract {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** For the codec's test class. */
  protected FrameStreamContract() {}

  @Test
  void isNotAtTheEndBeforeAnythingWasRead() {
    try (FrameDecompressor decompressor = codec().frameDecompressor()) {
      assertThat(decompressor.decompress(NOTHING.duplicate(), ByteBuffer.allocate(10))).isFalse();
    }
  }

  @Test
  void isAtTheEndForAsLongAsNothingFollows() {
    byte[] raw = SampleContent.TEXT.bytes(1000);
    ByteBuffer source = ByteBuffer.wrap(frame(raw));
    try (FrameDecompressor decompressor = codec().frameDecompressor()) {
      assertThat(decompressor.decompress(source, ByteBuffer.allocate(2000))).isTrue();
      assertThat(decompressor.decompress(NOTHING.duplicate(), ByteBuffer.allocate(10))).isTrue();
      assertThat(decompressor.decompress(NOTHING.duplicate(), NOTHING.duplicate())).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void takesTheEndWithoutAnyMoreBytes(int size) {
    byte[] raw = SampleContent.TEXT.bytes(size);
    try (FrameCompressor compressor = codec().frameCompressor(codec().defaultLevel())) {
      ByteBuffer target =
          ByteBuffer.allocate(compressor.maxOutput(size) + 2 * compressor.maxOutput(0));
      compressor.compress(ByteBuffer.wrap(raw), target, false);
      compressor.compress(NOTHING.duplicate(), target, false);
      compressor.compress(NOTHING.duplicate(), target, true);
      byte[] stored = Arrays.copyOf(target.array(), target.position());
      assertThat(Coding.unframe(codec(), stored).bytes()).isEqualTo(raw);
    }
  }

  @Test
  void refusesToGoOnBehindTheEnd() {
    try (FrameCompressor compressor = codec().frameCompressor(codec().defaultLevel())) {
      ByteBuffer target = ByteBuffer.allocate(2 * compressor.maxOutput(0));
      compressor.compress(NOTHING.duplicate(), target, true);
      assertThatThrownBy(() -> compressor.compress(NOTHING.duplicate(), target, true))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 64 * 1024})
  void readsFramesOneAfterTheOther(int sourcePiece) {
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    for (int size : new int[] {1000, 0, 1, 70_000}) {
      raw.writeBytes(SampleContent.TEXT.bytes(size));
      stored.writeBytes(frame(SampleContent.TEXT.bytes(size)));
    }
    Coding.Decoded decoded =
        Coding.unframe(
            codec(),
            stored.toByteArray(),
            sourcePiece,
            5000,
            BufferKind.HEAP_SLICE,
            BufferKind.DIRECT_SLICE);
    assertThat(decoded.bytes()).isEqualTo(raw.toByteArray());
    assertThat(decoded.atEnd()).isTrue();
  }

  @Test
  void isNotAtTheEndWithinAnotherFrame() {
    byte[] frame = frame(SampleContent.TEXT.bytes(1000));
    for (int more = 1; more < frame.length; more++) {
      byte[] stored = Arrays.copyOf(frame, frame.length + more);
      System.arraycopy(frame, 0, stored, frame.length, more);
      assertThat(Coding.unframe(codec(), stored).atEnd())
          .as("at the end, %d bytes into the second frame", more)
          .isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void seesTheEndWithATargetThatIsExactlyFull(BufferKind kind) {
    for (int size : new int[] {0, 1, 1000, 64 * 1024, 300_000}) {
      byte[] raw = SampleContent.TEXT.bytes(size);
      GuardedBuffer source = GuardedBuffer.holding(kind, frame(raw));
      GuardedBuffer target = GuardedBuffer.room(kind, size);
      try (FrameDecompressor decompressor = codec().frameDecompressor()) {
        boolean atEnd = false;
        for (int call = 0; call < 10 && !atEnd; call++) {
          atEnd = decompressor.decompress(source.buffer(), target.buffer());
        }
        assertThat(atEnd).as("at the end of %d bytes", size).isTrue();
      }
      assertThat(source.buffer().hasRemaining()).isFalse();
      assertThat(target.all()).isEqualTo(raw);
      target.assertIntact();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HEAP", "DIRECT"})
  void isNotAtTheEndWhileAnythingIsHeldBack(BufferKind kind) {
    byte[] raw = SampleContent.TEXT.bytes(70_000);
    GuardedBuffer source = GuardedBuffer.holding(kind, frame(raw));
    GuardedBuffer target = GuardedBuffer.room(kind, raw.length - 1);
    try (FrameDecompressor decompressor = codec().frameDecompressor()) {
      // More calls than some libraries take for an endless loop.
      for (int call = 0; call < 40; call++) {
        assertThat(decompressor.decompress(source.buffer(), target.buffer())).isFalse();
      }
      assertThat(target.moved()).isEqualTo(raw.length - 1);
      GuardedBuffer rest = GuardedBuffer.room(kind, 2);
      assertThat(decompressor.decompress(source.buffer(), rest.buffer())).isTrue();
      assertThat(rest.moved()).isEqualTo(1);
      assertThat(rest.first(1)[0]).isEqualTo(raw[raw.length - 1]);
    }
    target.assertIntact();
  }

  private byte[] frame(byte[] raw) {
    return Coding.frame(codec(), codec().defaultLevel(), raw);
  }
}
