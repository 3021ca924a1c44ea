package io.ringkernel.checkpoint.format.v1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.v1.HandMadeFile.Chunk;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

/** No damage that the format can detect goes unseen, and none does more harm than an exception. */
class DamageTest {
  private static final int LIMIT = 1 << 20;

  /** On the test's own thread, so that what it allocates can be measured. */
  private final Bench bench =
      new Bench(Schedulers.immediate(), CompressionCodecs.of(new RunLengthCodec(1)));

  @AfterEach
  void giveBack() {
    bench.close();
  }

  @Test
  void seesEveryFlippedBitButOfWhatNothingCovers() {
    byte[] file = uncompressed().bytes();
    Set<Integer> unseen = new TreeSet<>();

    for (int bit = 0; bit < file.length * 8; bit++) {
      byte[] damaged = file.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      if (isAccepted(damaged)) {
        unseen.add(bit / 8);
      }
    }

    assertThat(unseen)
        .as("created_at, and two bits of a compression code that no chunk uses")
        .containsExactly(28, 40, 41, 42, 43, 44, 45, 46, 47);
  }

  @Test
  void seesEveryOtherValueOfEveryByteOfACompressedFilesHeader() {
    byte[] file = compressed().bytes();

    for (int position = 0; position < 64; position++) {
      for (int value = 0; value < 256; value++) {
        byte[] damaged = file.clone();
        damaged[position] = (byte) value;
        boolean createdAt = position >= 40 && position < 48;

        assertThat(isAccepted(damaged))
            .as("byte %d is %d", position, value)
            .isEqualTo(createdAt || damaged[position] == file[position]);
      }
    }
  }

  @Test
  void seesEveryTruncation() {
    byte[] file = uncompressed().bytes();

    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);

      assertThatThrownBy(() -> bench.open(cut, Bench.STRICT))
          .isInstanceOf(CorruptCheckpointException.class);
    }
  }

  @Test
  void seesAFlippedBitInAFileOnTheWay() {
    byte[] file = uncompressed().bytes();
    file[file.length - 1] ^= 1;

    try (RemoteContent remote = new RemoteContent(file)) {
      assertThatThrownBy(() -> bench.open(remote, Bench.STRICT))
          .isInstanceOfSatisfying(
              CorruptCheckpointException.class, e -> assertThat(e.offset()).isEqualTo(32));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void raisesNothingButItsOwnErrorsAndAllocatesWithinTheLimits(long seed) {
    Random random = new Random(seed);
    byte[][] originals = {
      uncompressed().bytes(), compressed().bytes(), Golden.UNICODE.file(), Golden.DUPLICATES.file()
    };
    DecodeOptions.Builder limits =
        DecodeOptions.builder().maxMetadataLength(LIMIT).maxIndexLength(LIMIT).maxSize(LIMIT);

    for (byte[] original : originals) {
      // What the first reads of all load and set up is not a file's doing.
      readAll(original, limits.lenient(true).build());
      readAll(mutant(original, random), limits.lenient(false).build());
    }

    for (int round = 0; round < 2_000; round++) {
      byte[] mutant = mutant(originals[random.nextInt(originals.length)], random);
      DecodeOptions options = limits.lenient(random.nextBoolean()).build();
      long before = allocated();

      readAll(mutant, options);

      assertThat(allocated() - before).as("round %d", round).isLessThan(4L * LIMIT);
    }
  }

  private void readAll(byte[] file, DecodeOptions options) {
    try {
      CheckpointFile opened = bench.open(file, options);
      Bench.lines(opened);
    } catch (CheckpointException expected) {
      assertThat(expected).hasMessageNotContaining("null");
    }
  }

  /** With a right checksum mostly, so that what lies behind it is reached. */
  private static byte[] mutant(byte[] original, Random random) {
    byte[] mutant = original.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int position = random.nextInt(mutant.length);
      switch (random.nextInt(5)) {
        case 0 -> mutant[position] ^= (byte) (1 << random.nextInt(8));
        case 1 -> mutant[position] = (byte) random.nextInt(256);
        case 2 -> Arrays.fill(mutant, position, Math.min(position + 8, mutant.length), (byte) -1);
        case 3 -> mutant = Arrays.copyOf(mutant, position);
        default -> mutant = Arrays.copyOf(mutant, mutant.length + random.nextInt(40));
      }
      if (mutant.length == 0) {
        return mutant;
      }
    }
    return mutant.length >= 64 && random.nextInt(8) > 0
        ? HandMadeFile.resummed(consistent(mutant, random))
        : mutant;
  }

  /** Mostly with a total size that fits. */
  private static byte[] consistent(byte[] file, Random random) {
    return random.nextInt(4) > 0 ? HandMadeFile.with(file, 16, file.length - 64L + 56) : file;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private boolean isAccepted(byte[] file) {
    try {
      Bench.lines(bench.open(file, Bench.STRICT));
      return true;
    } catch (CheckpointException e) {
      return false;
    }
  }

  private static HandMadeFile uncompressed() {
    HandMadeFile file = HandMadeFile.small();
    file.chunks.add(new Chunk(5, 99, Specification.lcg(300, 1)));
    return file;
  }

  private static HandMadeFile compressed() {
    HandMadeFile file = HandMadeFile.small();
    file.compression = 1;
    byte[] frame = RunLengthCodec.frame(200, 'a', 100, 'b', 1, 'c');
    file.chunks.add(new Chunk(5, 0, 301, frame.length, 99, frame));
    return file;
  }
}
