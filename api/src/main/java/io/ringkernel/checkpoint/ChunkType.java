package io.ringkernel.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What kind of state a chunk holds.
 *
 * <p>Every 32-bit value is legal; those without a constant here are kept as they are.
 *
 * @param code the value in files; unsigned
 */
public record ChunkType(int code) {
  /** The kernel's control block. */
  public static final ChunkType CONTROL_BLOCK = new ChunkType(1);

  /** Messages from host to kernel. */
  public static final ChunkType H2K_QUEUE = new ChunkType(2);

  /** Messages from kernel to host. */
  public static final ChunkType K2H_QUEUE = new ChunkType(3);

  /** The kernel's hybrid logical clock. */
  public static final ChunkType HLC_STATE = new ChunkType(4);

  /** A named region of device memory; its id is {@link DataChunk#regionId}. */
  public static final ChunkType DEVICE_MEMORY = new ChunkType(5);

  /** Routes between kernels. */
  public static final ChunkType K2K_ROUTING = new ChunkType(6);

  /** Halo exchange buffers. */
  public static final ChunkType HALO_BUFFERS = new ChunkType(7);

  /** Counters and gauges. */
  public static final ChunkType TELEMETRY = new ChunkType(8);

  /** Anything of the application's own; the id is the application's. */
  public static final ChunkType CUSTOM = new ChunkType(100);

  private enum Label {
    CONTROL_BLOCK(1),
    H2K_QUEUE(2),
    K2H_QUEUE(3),
    HLC_STATE(4),
    DEVICE_MEMORY(5),
    K2K_ROUTING(6),
    HALO_BUFFERS(7),
    TELEMETRY(8),
    CUSTOM(100);

    private final int code;

    Label(int code) {
      this.code = code;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** The types with a name, in the order of their codes. */
  public static List<ChunkType> known() {
    return Arrays.stream(Label.values()).map(label -> new ChunkType(label.code)).toList();
  }

  /**
   * The type that {@link #label} wrote, or that a decimal number names.
   *
   * @param text for example {@code "device-memory"} or {@code "42"}
   * @throws IllegalArgumentException when it is neither
   */
  public static ChunkType parse(String text) {
    for (Label label : Label.values()) {
      if (label.text().equals(text)) {
        return new ChunkType(label.code);
      }
    }
    try {
      return new ChunkType(Integer.parseUnsignedInt(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no chunk type; known: "
              + String.join(", ", known().stream().map(ChunkType::label).toList())
              + ", or a number from 0 to 4294967295",
          e);
    }
  }

  /** Whether this type has a name. */
  public boolean isKnown() {
    return Arrays.stream(Label.values()).anyMatch(label -> label.code == code);
  }

  /** The name in lower case with hyphens, or the number. */
  public String label() {
    return Arrays.stream(Label.values())
        .filter(label -> label.code == code)
        .map(Label::text)
        .findFirst()
        .orElseGet(() -> Integer.toUnsignedString(code));
  }

  @Override
  public String toString() {
    return label();
  }
}
