package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The device memory in which the host says what is to be captured and the device answers with
 * fingerprints: {@code rkcp_work} and {@code rkcp_region} of rkcp/capture.cuh, then 16 bytes for
 * each block of the base, 16 for each new one, and a byte for each that says whether they differ.
 *
 * @param address of the table on the device
 * @param regions how many there are
 * @param capacity blocks there is room for; 0 when nothing is ever compared
 */
record WorkTable(long address, int regions, long capacity) {
  static final int FINGERPRINT = 16;

  private static final int HEADER = 64;
  private static final int REGION = 48;

  private static final long COPY = 1;
  private static final long COMPARE = 2;

  /** Bytes of such a table. */
  static long size(int regions, long capacity) {
    return HEADER + (long) REGION * regions + capacity * (2 * FINGERPRINT + 1);
  }

  /** Address of the base's fingerprints. */
  long base() {
    return address + HEADER + (long) REGION * regions;
  }

  /** Address of the new fingerprints. */
  long fresh() {
    return base() + capacity * FINGERPRINT;
  }

  /** Address of the bytes that tell which blocks differ. */
  long changed() {
    return fresh() + capacity * FINGERPRINT;
  }

  /**
   * The table's first part, and with a comparison the base's fingerprints behind it, as they are to
   * lie on the device.
   *
   * @param all the regions, in order
   * @param shadow address of the shadow; 0 when nothing is copied
   * @param comparison what to compare with; null to copy everything
   * @param copyBlock bytes one warp copies at a time without a comparison
   */
  ByteBuffer describe(
      List<Region> all, long shadow, @Nullable Comparison comparison, int copyBlock) {
    int blockSize = comparison == null ? copyBlock : comparison.blockSize();
    int base = comparison == null ? 0 : comparison.base().length;
    ByteBuffer table =
        ByteBuffer.allocate(HEADER + REGION * all.size() + base).order(ByteOrder.nativeOrder());
    long blocks = all.stream().mapToLong(region -> region.blocks(blockSize)).sum();
    table.putLong(comparison == null ? COPY : COMPARE);
    table.putLong(blockSize).putLong(all.size()).putLong(blocks);
    table.putLong(base()).putLong(fresh()).putLong(changed()).putLong(0);
    long first = 0;
    for (int i = 0; i < all.size(); i++) {
      Region region = all.get(i);
      table.putLong(region.address());
      table.putLong(shadow == 0 ? 0 : shadow + region.offset());
      table.putLong(region.size()).putLong(first);
      table.putLong(comparison != null && comparison.knows(i) ? 1 : 0).putLong(0);
      first += region.blocks(blockSize);
    }
    if (comparison != null) {
      table.put(comparison.base());
    }
    return table.flip();
  }
}
