package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** How a golden file was made, carried out with this library's model instead of the reference's. */
final class Specification {
  private CheckpointMetadata.Builder metadata = CheckpointMetadata.builder("", "");
  private final List<DataChunk> chunks = new ArrayList<>();

  static Checkpoint checkpoint(String specification) {
    Specification made = new Specification();
    specification
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> made.line(line.split(" ", -1)));
    return Checkpoint.of(made.metadata.build(), made.chunks, () -> {});
  }

  private void line(String[] words) {
    switch (words[0]) {
      case "kernel_id" -> metadata = metadata.kernelId(text(words[1]));
      case "kernel_type" -> metadata = metadata.kernelType(text(words[1]));
      case "step" -> metadata = metadata.step(u64(words[1]));
      case "grid" -> metadata = metadata.gridSize(dim(words));
      case "tile" -> metadata = metadata.tileSize(dim(words));
      case "hlc" ->
          metadata = metadata.hlc(new HlcTimestamp(u64(words[1]), u64(words[2]), u64(words[3])));
      case "custom" -> {
        int equals = words[1].indexOf('=');
        String key = text(words[1].substring(0, equals));
        metadata = metadata.custom(key, text(words[1].substring(equals + 1)));
      }
      case "control" -> chunk(ChunkType.CONTROL_BLOCK, 0, words, 1);
      case "h2k" -> chunk(ChunkType.H2K_QUEUE, 0, words, 1);
      case "k2h" -> chunk(ChunkType.K2H_QUEUE, 0, words, 1);
      case "device" -> chunks.add(DataChunk.region(text(words[1]), content(words, 2)));
      case "chunk" -> chunk(new ChunkType(u32(words[1])), u64(words[2]), words, 3);
      default -> throw new IllegalArgumentException(words[0]);
    }
  }

  private void chunk(ChunkType type, long id, String[] words, int at) {
    int flags = 0;
    int next = at;
    for (; words[next].contains("="); next++) {
      if (words[next].startsWith("flags=")) {
        flags = u32(words[next].substring(6));
      }
    }
    chunks.add(DataChunk.of(type, id, content(words, next)).withFlags(flags));
  }

  private static ChunkContent content(String[] words, int at) {
    return ChunkContent.of(
        switch (words[at]) {
          case "hex" -> HexFormat.of().parseHex(at + 1 < words.length ? words[at + 1] : "");
          case "text" -> text(words[at + 1]).getBytes(StandardCharsets.UTF_8);
          case "zero" -> new byte[Integer.parseInt(words[at + 1])];
          case "fill" -> sequence(words[at + 1], Integer.parseInt(words[at + 2]), 0);
          case "seq" -> sequence(words[at + 1], 0, 1);
          case "lcg" -> lcg(Integer.parseInt(words[at + 1]), u64(words[at + 2]));
          default -> throw new IllegalArgumentException(words[at]);
        });
  }

  private static byte[] sequence(String length, int first, int step) {
    byte[] bytes = new byte[Integer.parseInt(length)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i * step);
    }
    return bytes;
  }

  /** The top bytes of Knuth's MMIX generator. */
  static byte[] lcg(int length, long seed) {
    byte[] bytes = new byte[length];
    long state = seed;
    for (int i = 0; i < length; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      bytes[i] = (byte) (state >>> 56);
    }
    return bytes;
  }

  private static Dim3 dim(String[] words) {
    return new Dim3(u32(words[1]), u32(words[2]), u32(words[3]));
  }

  private static int u32(String word) {
    return word.equals("max") ? -1 : (int) Long.decode(word).longValue();
  }

  private static long u64(String word) {
    if (word.equals("max")) {
      return -1;
    }
    return word.startsWith("0x")
        ? Long.parseUnsignedLong(word.substring(2), 16)
        : Long.parseUnsignedLong(word);
  }

  private static String text(String word) {
    if (word.equals("\"\"")) {
      return "";
    }
    ByteArrayOutputStream utf8 = new ByteArrayOutputStream();
    byte[] raw = word.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        utf8.write(Integer.parseInt(new String(raw, i + 1, 2, StandardCharsets.US_ASCII), 16));
        i += 2;
      } else {
        utf8.write(raw[i]);
      }
    }
    return utf8.toString(StandardCharsets.UTF_8);
  }
}
