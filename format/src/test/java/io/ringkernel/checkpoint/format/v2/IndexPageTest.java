package io.ringkernel.checkpoint.format.v2;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IndexPageTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;
  private static final int ANCESTORS = 3;
  private static final long END = 1 << 20;

  /** Of blocks that often, but not always, go on where the one before them ends. */
  private static List<BlockLocation> locations(Random random, int count) {
    List<BlockLocation> locations = new ArrayList<>();
    long position = Layout.HEADER_SIZE;
    int ancestor = BlockLocation.HERE;
    while (locations.size() < count) {
      if (random.nextInt(3) == 0) {
        position += random.nextInt(100);
      }
      if (random.nextInt(3) == 0) {
        ancestor = random.nextInt(-1, ANCESTORS);
      }
      BlockLocation next =
          switch (random.nextInt(4)) {
            case 0 -> BlockLocation.ZERO;
            case 1 ->
                new BlockLocation(
                    BlockLocation.Kind.COMPRESSED,
                    ancestor,
                    position,
                    1 + random.nextInt(BLOCK - 1),
                    1 + random.nextInt(255),
                    random.nextInt());
            default -> new BlockLocation(BlockLocation.Kind.RAW, ancestor, position, BLOCK, 0, 0);
          };
      locations.add(next);
      position = next.kind() == BlockLocation.Kind.ZERO ? position : IndexPage.end(next);
    }
    return locations;
  }

  private static Directory directory(int blocks) {
    List<Ancestor> ancestors =
        IntStream.range(0, ANCESTORS)
            .mapToObj(
                i -> new Ancestor(ObjectId.of(Bytes.random(16, i)), RootHash.of(new byte[32])))
            .toList();
    Directory.Entry entry =
        new Directory.Entry(
            1,
            0,
            0,
            0,
            null,
            FingerprintAlgorithm.XXH3_128,
            false,
            (long) blocks * BLOCK,
            0,
            List.of());
    return new Directory(List.of(entry), ancestors, new Directory.Totals(0, 0, 0, 0, 0));
  }

  @Test
  void tellsOfAnyBlockWhereItIs() {
    Random random = new Random(9);
    for (int round = 0; round < 300; round++) {
      int count = 1 + random.nextInt(20);
      List<BlockLocation> written = locations(random, count);
      BlockFingerprints fingerprints =
          BlockFingerprints.of(
              BLOCK, FingerprintAlgorithm.XXH3_128, Bytes.random(count * 16, round));

      IndexPage page = new IndexPage(0, 0, written, fingerprints);
      IndexPage read =
          new IndexPageDecoder(page.encode(), 0, BLOCK, directory(count), 0, END).decode(0);

      assertThat(read.locations()).as("round %d", round).isEqualTo(written);
      for (int i = 0; i < count; i++) {
        if (written.get(i).kind() != BlockLocation.Kind.ZERO) {
          assertThat(read.fingerprints().get(i)).isEqualTo(fingerprints.get(i));
        }
      }
    }
  }
}
