package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import reactor.core.publisher.Mono;

/**
 * The pressure in the middle plane of a cube, as a picture: blue below the rest, white at rest, red
 * above; where the medium slows the wave down is outlined.
 *
 * <p>It reads the control block and a plane of two regions of a checkpoint, nothing else: of a
 * checkpoint in a store, only the blocks that hold them are fetched.
 */
public final class WavePicture {
  /**
   * ColorBrewer's RdBu, turned round: equal steps to the eye on both sides, safe for the
   * colour-blind.
   */
  private static final int[] DIVERGING = {
    0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d,
    0xb2182b, 0x67001f
  };

  /** An odd number, so that rest has a colour of its own in the middle. */
  private static final int COLOURS = 255;

  /** The colour after those: of the outline. */
  private static final int OUTLINE = 0x9a9a9a;

  private final int size;
  private final long step;
  private final float[] plane;
  private final float[] speed;

  private WavePicture(int size, long step, float[] plane, float[] speed) {
    this.size = size;
    this.step = step;
    this.plane = plane;
    this.speed = speed;
  }

  /**
   * The middle plane of the newest field.
   *
   * @param checkpoint of a wave kernel; stays the caller's, who keeps it open until this has ended
   * @return the picture; {@code IllegalArgumentException} when it is not of a wave kernel
   */
  public static Mono<WavePicture> of(Checkpoint checkpoint) {
    return Mono.defer(() -> read(content(checkpoint), 0, ControlBlock.BYTES))
        .flatMap(
            memory -> {
              ControlBlock control = new ControlBlock(memory);
              String problem = control.problem(checkpoint.metadata().gridSize().x());
              if (problem != null) {
                throw new IllegalArgumentException(checkpoint + ": control-block: " + problem);
              }
              return plane(checkpoint, control);
            });
  }

  private static Mono<WavePicture> plane(Checkpoint checkpoint, ControlBlock control) {
    int size = control.size();
    // The limits first: they keep what follows within int.
    if (size < WaveSetup.MIN_SIZE || size > WaveSetup.MAX_SIZE) {
      throw stranger(checkpoint);
    }
    String newest = control.current() == 0 ? WaveState.PRESSURE_A : WaveState.PRESSURE_B;
    return Mono.zip(
        middle(checkpoint, newest, size),
        middle(checkpoint, WaveState.SPEED, size),
        (pressure, speed) -> new WavePicture(size, control.step(), pressure, speed));
  }

  /** The middle plane of a region. */
  private static Mono<float[]> middle(Checkpoint checkpoint, String region, int size) {
    DataChunk field = checkpoint.region(region).orElseThrow(() -> stranger(checkpoint));
    if (field.size() != (long) size * size * size * Float.BYTES) {
      throw stranger(checkpoint);
    }
    int bytes = size * size * Float.BYTES;
    return read(field.content(), (long) (size / 2) * bytes, bytes)
        .map(
            memory -> {
              float[] plane = new float[size * size];
              memory.asFloatBuffer().get(plane);
              return plane;
            });
  }

  private static ChunkContent content(Checkpoint checkpoint) {
    return checkpoint
        .chunk(ChunkType.CONTROL_BLOCK)
        .orElseThrow(() -> stranger(checkpoint))
        .content();
  }

  private static Mono<ByteBuffer> read(ChunkContent content, long offset, int bytes) {
    ByteBuffer memory = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return content.read(offset, memory).map(read -> memory.clear());
  }

  private static IllegalArgumentException stranger(Checkpoint checkpoint) {
    return new IllegalArgumentException(checkpoint + " is not of a wave kernel");
  }

  /** Cells on each side. */
  public int size() {
    return size;
  }

  /** The step it shows. */
  public long step() {
    return step;
  }

  /** The largest absolute pressure in it. */
  public float peak() {
    float peak = 0;
    for (float pressure : plane) {
      peak = Math.max(peak, Math.abs(pressure));
    }
    return peak;
  }

  /**
   * The picture as a PNG file, x to the right and y downwards.
   *
   * @param fullScale the pressure of the strongest colour, above 0: the same for all pictures that
   *     are to be compared; 0.05 suits a pulse of amplitude 1. Colour grows with the square root of
   *     the pressure, so that a wave far from its source is still seen
   * @param zoom pixels for each cell, 1 to 64; what is between cells is interpolated
   */
  public byte[] png(float fullScale, int zoom) {
    if (!(fullScale > 0) || zoom < 1 || zoom > 64) {
      throw new IllegalArgumentException(
          "fullScale must be above 0 and zoom from 1 to 64, not " + fullScale + " and " + zoom);
    }
    int width = size * zoom;
    byte[] pixels = new byte[width * width];
    for (int y = 0; y < width; y++) {
      for (int x = 0; x < width; x++) {
        pixels[y * width + x] =
            isOutline(x, y, zoom)
                ? (byte) COLOURS
                : colour(pressure((x + 0.5f) / zoom, (y + 0.5f) / zoom) / fullScale);
      }
    }
    return Png.encode(width, pixels, palette());
  }

  /**
   * Whether the pixel to the right or below is in a cell of about full speed and this one not, or
   * so.
   */
  private boolean isOutline(int x, int y, int zoom) {
    int last = size * zoom - 1;
    boolean slow = isSlow(x / zoom, y / zoom);
    return slow != isSlow(Math.min(x + 1, last) / zoom, y / zoom)
        || slow != isSlow(x / zoom, Math.min(y + 1, last) / zoom);
  }

  private boolean isSlow(int x, int y) {
    return speed[y * size + x] < 1 - WaveMedium.TEXTURE;
  }

  /** Between the four nearest cells' middles, linearly. */
  private float pressure(float x, float y) {
    float left = Math.max(0, Math.min(size - 1, x - 0.5f));
    float top = Math.max(0, Math.min(size - 1, y - 0.5f));
    int column = Math.min((int) left, size - 2);
    int row = Math.min((int) top, size - 2);
    float toRight = left - column;
    float down = top - row;
    int at = row * size + column;
    float upper = plane[at] + toRight * (plane[at + 1] - plane[at]);
    float lower = plane[at + size] + toRight * (plane[at + size + 1] - plane[at + size]);
    return upper + down * (lower - upper);
  }

  private static byte colour(float relative) {
    double strength = Math.copySign(Math.sqrt(Math.min(1, Math.abs(relative))), relative);
    return (byte) Math.round((strength + 1) / 2 * (COLOURS - 1));
  }

  private static byte[] palette() {
    byte[] palette = new byte[3 * (COLOURS + 1)];
    for (int i = 0; i < COLOURS; i++) {
      float at = (float) i / (COLOURS - 1) * (DIVERGING.length - 1);
      int from = Math.min((int) at, DIVERGING.length - 2);
      for (int channel = 0; channel < 3; channel++) {
        int shift = 16 - 8 * channel;
        int low = DIVERGING[from] >> shift & 0xff;
        int high = DIVERGING[from + 1] >> shift & 0xff;
        palette[3 * i + channel] = (byte) Math.round(low + (at - from) * (high - low));
      }
    }
    for (int channel = 0; channel < 3; channel++) {
      palette[3 * COLOURS + channel] = (byte) (OUTLINE >> (16 - 8 * channel));
    }
    return palette;
  }
}
