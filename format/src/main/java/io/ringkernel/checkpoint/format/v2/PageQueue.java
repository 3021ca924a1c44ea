package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/** Encoded index pages that are not in the file yet. */
final class PageQueue {
  /**
   * A page that waits.
   *
   * @param payload its bytes
   * @param refs where to tell its place, after those of the chunk's earlier pages
   */
  private record Waiting(ByteBuffer payload, List<Directory.PageRef> refs) {}

  private final Deque<Waiting> pages = new ArrayDeque<>();
  private long bytes;
  private int written;

  /** Takes a page in. */
  void add(IndexPage page, List<Directory.PageRef> refs) {
    ByteBuffer payload = page.encode();
    pages.add(new Waiting(payload, refs));
    bytes += Layout.LOCAL_HEADER_SIZE + payload.remaining();
  }

  /** What the waiting pages take in the file. */
  long bytes() {
    return bytes;
  }

  /**
   * All waiting pages as sections.
   *
   * @param position in the file of the first
   */
  List<OwnedBuffer> drain(long position) {
    List<OwnedBuffer> sections = new ArrayList<>();
    long at = position;
    while (!pages.isEmpty()) {
      ByteBuffer group = group(at);
      at += group.remaining();
      sections.add(OwnedBuffer.unpooled(group));
    }
    return sections;
  }

  /** As many pages as go into one buffer, since those of little chunks are little. */
  private ByteBuffer group(long position) {
    ByteBuffer group =
        ByteBuffer.allocate(
            (int) Math.max(Math.min(bytes, Workbench.BATCH_BYTES), size(pages.element())));
    while (!pages.isEmpty() && size(pages.element()) <= group.remaining()) {
      Waiting page = pages.remove();
      int length = page.payload.remaining();
      page.refs.add(
          new Directory.PageRef(position + group.position(), length, sha256(page.payload)));
      new LocalHeader(Layout.PAGE_SECTION, written++, length, 0).put(group);
      group.put(page.payload);
      bytes -= Layout.LOCAL_HEADER_SIZE + length;
    }
    return group.flip();
  }

  private static int size(Waiting page) {
    return Layout.LOCAL_HEADER_SIZE + page.payload.remaining();
  }

  private static String sha256(ByteBuffer payload) {
    MessageDigest digest = Fingerprinter.sha256();
    digest.update(payload.duplicate());
    return HexFormat.of().formatHex(digest.digest());
  }
}
