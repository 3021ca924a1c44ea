package io.ringkernel.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class FingerprintsTest {
  private static final BlockFingerprints THREE =
      BlockFingerprints.of(65_536, FingerprintAlgorithm.XXH3_128, counted(48));

  private static byte[] counted(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  @Test
  void knowsTheAlgorithmsOfTheFormat() {
    assertThat(FingerprintAlgorithm.XXH3_128.code()).isEqualTo(1);
    assertThat(FingerprintAlgorithm.XXH3_128.length()).isEqualTo(16);
    assertThat(FingerprintAlgorithm.SHA_256.code()).isEqualTo(2);
    assertThat(FingerprintAlgorithm.SHA_256.length()).isEqualTo(32);
    assertThat(FingerprintAlgorithm.ofCode(1)).contains(FingerprintAlgorithm.XXH3_128);
    assertThat(FingerprintAlgorithm.ofCode(2)).contains(FingerprintAlgorithm.SHA_256);
    assertThat(FingerprintAlgorithm.ofCode(0)).isEmpty();
    assertThat(FingerprintAlgorithm.ofCode(3)).isEmpty();
  }

  @Test
  void givesEachBlocksFingerprint() {
    assertThat(THREE.count()).isEqualTo(3);
    assertThat(THREE.blockSize()).isEqualTo(65_536);
    assertThat(THREE.algorithm()).isEqualTo(FingerprintAlgorithm.XXH3_128);
    assertThat(THREE.get(0)).isEqualTo(Arrays.copyOfRange(counted(48), 0, 16));
    assertThat(THREE.get(2)).isEqualTo(Arrays.copyOfRange(counted(48), 32, 48));

    byte[] target = new byte[20];
    THREE.copyTo(1, target, 3);
    assertThat(Arrays.copyOfRange(target, 3, 19)).isEqualTo(THREE.get(1));
    assertThat(target[2]).isZero();
    assertThat(target[19]).isZero();
  }

  @Test
  void aFingerprintGivenOutIsACopy() {
    THREE.get(0)[0] = 99;

    assertThat(THREE.get(0)[0]).isZero();
  }

  @Test
  void comparesOneFingerprintInPlace() {
    byte[] other = new byte[40];
    THREE.copyTo(1, other, 5);

    assertThat(THREE.matches(1, other, 5)).isTrue();
    assertThat(THREE.matches(0, other, 5)).isFalse();
    other[20] ^= 1;
    assertThat(THREE.matches(1, other, 5)).isFalse();
  }

  @Test
  void refusesBlocksItDoesNotHave() {
    assertThatThrownBy(() -> THREE.get(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> THREE.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> THREE.matches(3, new byte[16], 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesBytesThatAreNoWholeFingerprints() {
    assertThatThrownBy(
            () -> BlockFingerprints.of(65_536, FingerprintAlgorithm.SHA_256, new byte[48]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("block size 65536 with 48 bytes of SHA_256");
    assertThatThrownBy(() -> BlockFingerprints.of(0, FingerprintAlgorithm.SHA_256, new byte[32]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void isEqualByBlockSizeAlgorithmAndValues() {
    assertThat(BlockFingerprints.of(65_536, FingerprintAlgorithm.XXH3_128, counted(48)))
        .isEqualTo(THREE)
        .hasSameHashCodeAs(THREE)
        .hasToString("3 fingerprints XXH3_128 of blocks of 65536");
    byte[] twoOfEither = counted(64);
    assertThat(BlockFingerprints.of(1, FingerprintAlgorithm.XXH3_128, twoOfEither))
        .isNotEqualTo(BlockFingerprints.of(2, FingerprintAlgorithm.XXH3_128, twoOfEither))
        .isNotEqualTo(BlockFingerprints.of(1, FingerprintAlgorithm.SHA_256, twoOfEither))
        .isNotEqualTo(BlockFingerprints.of(1, FingerprintAlgorithm.XXH3_128, new byte[64]));
  }

  @Test
  void tellsWhichBlocksChanged() {
    BitSet bits = new BitSet();
    bits.set(2);
    bits.set(9);
    ChangedBlocks changed = ChangedBlocks.of(4_096, bits);
    bits.set(0);

    assertThat(changed.blockSize()).isEqualTo(4_096);
    assertThat(changed.count()).isEqualTo(2);
    assertThat(changed.isChanged(0)).as("it copied the bitmap").isFalse();
    assertThat(changed.isChanged(2)).isTrue();
    assertThat(changed.isChanged(1_000_000)).isFalse();
    assertThatThrownBy(() -> changed.isChanged(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> ChangedBlocks.of(0, bits))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aReportKeepsItsOwnNotes() {
    var notes = new java.util.ArrayList<>(java.util.List.of("straight"));
    CaptureReport report =
        new CaptureReport(java.time.Duration.ofNanos(5), CaptureReport.Mode.STRAIGHT, notes);
    notes.clear();

    assertThat(report.notes()).containsExactly("straight");
  }
}
