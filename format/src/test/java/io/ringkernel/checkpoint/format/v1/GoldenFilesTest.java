package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.wire.ByteReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the reference wrote is read as the reference reads it, and written as it was. */
class GoldenFilesTest {
  private final Bench bench = Bench.with();

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @Test
  void areTheOnesThatTheReferenceWrote() throws Exception {
    String sums = new String(Golden.resource("SHA256SUMS"), StandardCharsets.US_ASCII);
    List<String> lines = sums.lines().toList();

    assertThat(lines).hasSize(48);
    for (String line : lines) {
      String name = line.substring(66);
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(Golden.resource(name));
      assertThat(HexFormat.of().formatHex(sum)).as(name).isEqualTo(line.substring(0, 64));
    }
  }

  @ParameterizedTest
  @EnumSource
  void readAsTheReferenceReadsThem(Golden golden) {
    assertThat(bench.text(golden.file())).isEqualTo(golden.text());
  }

  @ParameterizedTest
  @EnumSource
  void readTheSameFromAContentThatIsNotInMemory(Golden golden) {
    try (RemoteContent remote = new RemoteContent(golden.file())) {
      assertThat(Bench.text(bench.open(remote, Bench.LENIENT))).isEqualTo(golden.text());
    }
  }

  @ParameterizedTest
  @EnumSource
  void readTheSameThroughTheFrontDoor(Golden golden) {
    try (CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build()) {
      DecodeOptions lenient = DecodeOptions.builder().lenient(true).build();
      CheckpointFile file =
          codec
              .open(ChunkContent.of(golden.file()), lenient)
              .blockOptional(Bench.PATIENCE)
              .orElseThrow();

      assertThat(Bench.text(file)).isEqualTo(golden.text());
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"MAX_VALUES", "USIZE_DIFFERS"})
  void areWrittenAgainByteForByte(Golden golden) {
    CheckpointFile file = bench.open(golden.file(), Bench.STRICT);

    byte[] again = rewrite(file);

    if (customKeysAreSorted(golden.file())) {
      assertThat(again).isEqualTo(golden.file());
    } else {
      assertThat(again).hasSameSizeAs(golden.file());
      assertThat(withoutChecksum(bench.text(again))).isEqualTo(withoutChecksum(golden.text()));
    }
  }

  @Test
  void mostlyHaveSortedKeys() {
    assertThat(Golden.values())
        .filteredOn(golden -> !customKeysAreSorted(golden.file()))
        .containsExactlyInAnyOrder(Golden.CUSTOM_200, Golden.UNICODE, Golden.LONG_STRINGS);
  }

  @ParameterizedTest
  @MethodSource("specified")
  void comeOutTheSameWhenMadeFromTheirSpecification(Golden golden) {
    CheckpointFile read = bench.open(golden.file(), Bench.STRICT);
    EncodeOptions options =
        Bench.version1().createdAtMicros(read.header().createdAtMicros()).build();

    byte[] made = bench.encode(Specification.checkpoint(golden.specification()), options);

    assertThat(made).isEqualTo(rewrite(read));
  }

  /** But for those that tell sizes which no content has. */
  static List<Golden> specified() {
    return Golden.specified().filter(golden -> !golden.isInconsistent()).toList();
  }

  @Test
  void areRefusedStrictlyWhereASizeIsOutrageous() {
    byte[] file = Golden.MAX_VALUES.file();

    assertThatThrownBy(() -> bench.open(file, Bench.STRICT))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.offset()).isEqualTo(firstChunkAt(file) + 8L);
              assertThat(e.reason())
                  .contains("chunk 0 (4294967295 ffffffffffffffff)")
                  .contains("uncompressed size 18446744073709551615")
                  .contains("compressed size 17")
                  .contains("leniently")
                  .contains("checksum is right");
            });
  }

  @Test
  void areRefusedStrictlyWhereSizesDiffer() {
    byte[] file = Golden.USIZE_DIFFERS.file();

    assertThatThrownBy(() -> bench.open(file, Bench.STRICT))
        .isInstanceOfSatisfying(
            CorruptCheckpointException.class,
            e -> {
              assertThat(e.offset()).isEqualTo(firstChunkAt(file) + 8L);
              assertThat(e.reason())
                  .contains("chunk 0 (device-memory 000000000000004d)")
                  .contains("uncompressed size 4096");
            });
  }

  @ParameterizedTest
  @EnumSource(names = {"MAX_VALUES", "USIZE_DIFFERS"})
  void getTheirTrueLengthsWhenReadLenientlyAndWrittenAgain(Golden golden) {
    byte[] again = rewrite(bench.open(golden.file(), Bench.LENIENT));

    List<String> expected =
        golden
            .text()
            .lines()
            .map(line -> line.replaceAll("usize \\d+ csize (\\d+)", "usize $1 csize $1"))
            .toList();
    assertThat(Bench.lines(bench.open(again, Bench.STRICT)))
        .filteredOn(line -> !line.startsWith("checksum"))
        .isEqualTo(expected.stream().filter(line -> !line.startsWith("checksum")).toList());
  }

  private byte[] rewrite(CheckpointFile file) {
    try (Checkpoint checkpoint = file.checkpoint(() -> {})) {
      return bench.encode(checkpoint, Bench.version1().build());
    }
  }

  private static String withoutChecksum(String text) {
    return text.replaceFirst("checksum \\w+", "");
  }

  private static int firstChunkAt(byte[] file) {
    return 68 + new ByteReader(ByteBuffer.wrap(file, 64, 4), 64).u32("metadata length");
  }

  /** Decoded here, not by the code under test. */
  private static boolean customKeysAreSorted(byte[] file) {
    ByteReader in = new ByteReader(ByteBuffer.wrap(file, 68, file.length - 68), 68);
    in.string("kernel id");
    in.string("kernel type");
    in.bytes(8 + 24 + 24, "step, grid, tile, hlc");
    int count = in.u32("count");
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(in.string("key").getBytes(StandardCharsets.UTF_8));
      in.string("value");
    }
    for (int i = 1; i < count; i++) {
      if (Arrays.compareUnsigned(keys.get(i - 1), keys.get(i)) > 0) {
        return false;
      }
    }
    return true;
  }
}
