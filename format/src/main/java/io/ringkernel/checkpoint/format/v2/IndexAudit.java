package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.wire.ByteReader.verify;

import io.ringkernel.checkpoint.format.BlockLocation;
import java.util.ArrayList;
import java.util.List;

/**
 * Proves from the index alone that the sections of a file stand one behind the other, in order,
 * from the metadata to the directory with no byte between, and that the directory's sums are
 * theirs. It is shown every page, in order.
 */
final class IndexAudit {
  private final Outline outline;
  private final List<Directory.PageRef> pages = new ArrayList<>();
  private final long[] stored;
  private long zeroBlocks;
  private long ancestorBlocks;
  private int nextPage;

  /** Behind the last section that was accounted for. */
  private long position;

  IndexAudit(Outline outline) {
    this.outline = outline;
    this.position = outline.firstSection();
    List<Directory.Entry> chunks = outline.directory().chunks();
    this.stored = new long[chunks.size()];
    chunks.forEach(chunk -> pages.addAll(chunk.pages()));
  }

  /** The next page. */
  void add(IndexPage page) {
    for (BlockLocation block : page.locations()) {
      if (block.kind() == BlockLocation.Kind.ZERO) {
        zeroBlocks++;
      } else if (block.isForeign()) {
        ancestorBlocks++;
      } else {
        passPages();
        verifyNext(block.position(), "block");
        position = IndexPage.end(block);
        stored[page.chunk()] += block.storedLength();
      }
    }
  }

  /** After the last page. */
  void end() {
    passPages();
    long next =
        nextPage < pages.size() ? pages.get(nextPage).position() : outline.directoryPosition();
    verifyNext(next, "section");
    List<Directory.Entry> chunks = outline.directory().chunks();
    boolean sums =
        zeroBlocks == outline.directory().totals().zeroBlocks()
            && ancestorBlocks == outline.directory().totals().ancestorBlocks();
    for (int i = 0; i < stored.length; i++) {
      sums &= stored[i] == chunks.get(i).stored();
    }
    verify(
        sums,
        outline.directoryPosition() + Layout.LOCAL_HEADER_SIZE,
        "the sums in the directory are not those of the index pages");
  }

  /** Pages may stand among the blocks, in their own order. */
  private void passPages() {
    while (nextPage < pages.size() && pages.get(nextPage).position() == position) {
      position += Layout.LOCAL_HEADER_SIZE + pages.get(nextPage).length();
      nextPage++;
    }
  }

  private void verifyNext(long found, String what) {
    verify(
        found == position,
        position,
        found > position
            ? found - position + " bytes are there that the index knows nothing of"
            : "the index has a "
                + what
                + " at "
                + found
                + ", within or before the one that ends here");
  }
}
