package io.ringkernel.checkpoint.format.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The metadata, which both versions lay out alike. */
class MetadataRecordTest {
  private static final CheckpointMetadata METADATA =
      CheckpointMetadata.builder("ядро", "")
          .step(-1)
          .gridSize(new Dim3(1, -2, 3))
          .tileSize(new Dim3(4, 5, -6))
          .hlc(new HlcTimestamp(7, -8, 9))
          .createdAtMicros(10)
          .custom("b", "2")
          .custom("", "1")
          .build();

  @Test
  void comesBackAsItWas() {
    ByteReader in = new ByteReader(MetadataRecord.encode(METADATA), 0);

    assertThat(MetadataRecord.decode(in, 10, false)).isEqualTo(METADATA);
    assertThat(in.remaining()).isZero();
  }

  @Test
  void endsWhereItEnds() {
    ByteBuffer record = MetadataRecord.encode(METADATA);
    ByteBuffer longer = new ByteWriter(0).bytes(record).u8(7).view();
    ByteReader in = new ByteReader(longer, 0);

    MetadataRecord.decode(in, 10, false);

    assertThat(in.position()).isEqualTo(record.remaining());
  }

  @Test
  void isNotWrittenLongerThanItMayBe() {
    ByteBuffer record = MetadataRecord.encode(METADATA);

    assertThat(MetadataRecord.encode(METADATA, record.remaining())).isEqualTo(record);
    assertThatThrownBy(() -> MetadataRecord.encode(METADATA, record.remaining() - 1))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("metadata length " + record.remaining());
  }

  @Test
  void isCorruptWhereverItIsCut() {
    ByteBuffer record = MetadataRecord.encode(METADATA);
    for (int length = 0; length < record.remaining(); length++) {
      ByteReader in = new ByteReader(record.slice(0, length), 0);

      assertThatThrownBy(() -> MetadataRecord.decode(in, 10, true))
          .isInstanceOf(CorruptCheckpointException.class);
    }
  }

  @Test
  void mayHoldAKeyTwiceOnlyWhenReadLeniently() {
    ByteBuffer once =
        MetadataRecord.encode(CheckpointMetadata.builder("k", "t").custom("x", "first").build());
    int count = once.remaining() - (4 + 1 + 4 + 5) - 4;
    ByteBuffer twice = new ByteWriter(0).bytes(once).string("x").string("last").view();
    twice.putInt(count, 2);

    assertThatThrownBy(() -> MetadataRecord.decode(new ByteReader(twice, 68), 0, false))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("offset " + (68 + once.remaining()))
        .hasMessageContaining("'x' is there twice");
    assertThat(MetadataRecord.decode(new ByteReader(twice, 68), 0, true).custom())
        .containsEntry("x", "last")
        .hasSize(1);
  }
}
