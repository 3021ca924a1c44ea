package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Entry;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files of the golden ones' kind that are not among them: made by hand, told by hand, and both
 * compared with what the library makes and tells.
 */
class RandomFilesTest {
  private static final int[] TYPES = {1, 2, 3, 4, 5, 6, 7, 8, 100, 0, 9, 42, -1, 1 << 31};

  private final Bench bench = Bench.with();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void areReadAsTheyWereMade(long seed) {
    HandMadeFile file = random(new Random(seed));

    assertThat(Bench.text(bench.open(file.bytes(), Bench.STRICT))).isEqualTo(text(file));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void areWrittenAsTheyAreMadeByHand(long seed) {
    HandMadeFile file = random(new Random(seed));

    byte[] written =
        bench.encode(checkpoint(file), Bench.version1().createdAtMicros(file.createdAt).build());

    assertThat(written).isEqualTo(file.bytes());
  }

  private static HandMadeFile random(Random random) {
    HandMadeFile file = new HandMadeFile();
    file.createdAt = number(random);
    file.kernelId = text(random).getBytes(StandardCharsets.UTF_8);
    file.kernelType = text(random).getBytes(StandardCharsets.UTF_8);
    file.step = number(random);
    file.grid = IntStream.range(0, 3).map(i -> (int) number(random)).toArray();
    file.tile = IntStream.range(0, 3).map(i -> (int) number(random)).toArray();
    file.hlc = LongStream.range(0, 3).map(i -> number(random)).toArray();
    IntStream.range(0, random.nextInt(20))
        .mapToObj(i -> new Entry(text(random) + i, text(random)))
        .sorted(
            Comparator.comparing(
                entry -> entry.key().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned))
        .forEach(file.custom::add);
    for (int chunks = random.nextInt(30); chunks > 0; chunks--) {
      byte[] data = Specification.lcg(random.nextInt(4) == 0 ? 0 : random.nextInt(5_000), chunks);
      int type = TYPES[random.nextInt(TYPES.length)];
      int flags = random.nextInt(3) == 0 ? random.nextInt() : 0;
      file.chunks.add(new Chunk(type, flags, data.length, data.length, number(random), data));
    }
    return file;
  }

  private static long number(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> Long.MIN_VALUE;
      default -> random.nextLong() >>> random.nextInt(64);
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(12); length > 0; length--) {
      int codePoint =
          switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> "\"%= \\/~\u007F".codePointAt(random.nextInt(8));
            case 2 -> 0x80 + random.nextInt(0x700);
            case 3 -> 0xE000 + random.nextInt(0x1F00);
            case 4 -> 0x10000 + random.nextInt(0x100000);
            default -> '!' + random.nextInt(94);
          };
      text.appendCodePoint(codePoint);
    }
    return text.toString();
  }

  private static Checkpoint checkpoint(HandMadeFile file) {
    CheckpointMetadata.Builder metadata =
        CheckpointMetadata.builder(utf8(file.kernelId), utf8(file.kernelType))
            .step(file.step)
            .gridSize(new Dim3(file.grid[0], file.grid[1], file.grid[2]))
            .tileSize(new Dim3(file.tile[0], file.tile[1], file.tile[2]))
            .hlc(new HlcTimestamp(file.hlc[0], file.hlc[1], file.hlc[2]));
    file.custom.forEach(entry -> metadata.custom(entry.key(), entry.value()));
    List<DataChunk> chunks =
        file.chunks.stream()
            .map(
                chunk ->
                    DataChunk.of(new ChunkType(chunk.type), chunk.id, ChunkContent.of(chunk.data))
                        .withFlags(chunk.flags))
            .toList();
    return Checkpoint.of(metadata.build(), chunks, () -> {});
  }

  /** What the reference would tell of it, by other means than the library's. */
  private static String text(HandMadeFile file) {
    byte[] bytes = file.bytes();
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    StringBuilder text = new StringBuilder("magic 0x524b434b50543031\nversion 1\nheader_size 56\n");
    text.append("total_size ").append(bytes.length - 8).append('\n');
    text.append("chunk_count ").append(file.chunks.size()).append("\ncompression 0\nchecksum 0x");
    text.append(hex(header.getInt(32) & 0xFFFFFFFFL, 8)).append("\nflags 0\ncreated_at ");
    text.append(decimal(file.createdAt)).append("\nreserved 0000000000000000\nkernel_id ");
    text.append(escaped(file.kernelId)).append("\nkernel_type ").append(escaped(file.kernelType));
    text.append("\nstep ").append(decimal(file.step)).append("\ngrid");
    Arrays.stream(file.grid).forEach(n -> text.append(' ').append(n & 0xFFFFFFFFL));
    text.append("\ntile");
    Arrays.stream(file.tile).forEach(n -> text.append(' ').append(n & 0xFFFFFFFFL));
    text.append("\nhlc");
    Arrays.stream(file.hlc).forEach(n -> text.append(' ').append(decimal(n)));
    text.append("\ncustom_count ").append(file.custom.size()).append('\n');
    for (Entry entry : file.custom) {
      text.append("custom ").append(escaped(entry.key().getBytes(StandardCharsets.UTF_8)));
      text.append('=').append(escaped(entry.value().getBytes(StandardCharsets.UTF_8))).append('\n');
    }
    text.append("chunks ").append(file.chunks.size()).append('\n');
    for (int i = 0; i < file.chunks.size(); i++) {
      Chunk chunk = file.chunks.get(i);
      CRC32 crc32 = new CRC32();
      crc32.update(chunk.data);
      int length = chunk.data.length;
      text.append("chunk ").append(i).append(" type ").append(chunk.type & 0xFFFFFFFFL);
      text.append(" flags ").append(chunk.flags & 0xFFFFFFFFL).append(" usize ").append(length);
      text.append(" csize ").append(length).append(" id 0x").append(hex(chunk.id, 16));
      text.append(" len ").append(length).append(" crc32 0x").append(hex(crc32.getValue(), 8));
      text.append('\n');
    }
    return text.toString();
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String hex(long value, int digits) {
    String hex = unsigned(value).toString(16);
    return "0".repeat(digits - hex.length()) + hex;
  }

  private static String decimal(long value) {
    return unsigned(value).toString();
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(1, ByteBuffer.allocate(8).putLong(value).array());
  }

  private static String escaped(byte[] bytes) {
    StringBuilder text = new StringBuilder("\"");
    for (byte each : bytes) {
      int unit = each & 0xFF;
      boolean plain = unit > 32 && unit < 127 && unit != '"' && unit != '%' && unit != '=';
      text.append(plain ? "" + (char) unit : String.format("%%%02X", unit));
    }
    return text.append('"').toString();
  }
}
