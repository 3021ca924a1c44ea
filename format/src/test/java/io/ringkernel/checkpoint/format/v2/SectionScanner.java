package io.ringkernel.checkpoint.format.v2;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the blocks of a file that was cut off anywhere, by nothing but its header and its local
 * headers: what a salvage would do.
 */
final class SectionScanner {
  /**
   * A block that is there to its last byte.
   *
   * @param header says which
   * @param payload its stored bytes
   */
  record Found(LocalHeader header, ByteBuffer payload) {}

  private SectionScanner() {}

  static List<Found> blocks(byte[] cut) {
    ByteBuffer file = ByteBuffer.wrap(cut);
    List<Found> found = new ArrayList<>();
    if (cut.length < Layout.HEADER_SIZE) {
      return found;
    }
    Header header = Header.decode(file.slice(0, Layout.HEADER_SIZE), Integer.MAX_VALUE);
    long at = Layout.HEADER_SIZE + (long) header.metadataLength();
    while (at <= cut.length - Layout.LOCAL_HEADER_SIZE) {
      LocalHeader local = LocalHeader.read(file.slice((int) at, Layout.LOCAL_HEADER_SIZE));
      long payload = at + Layout.LOCAL_HEADER_SIZE;
      if (local == null || local.storedLength() > cut.length - payload) {
        break;
      }
      if (local.chunk() != Layout.PAGE_SECTION && local.chunk() != Layout.DIRECTORY_SECTION) {
        found.add(new Found(local, file.slice((int) payload, local.storedLength())));
      }
      at = payload + local.storedLength();
    }
    return found;
  }
}
