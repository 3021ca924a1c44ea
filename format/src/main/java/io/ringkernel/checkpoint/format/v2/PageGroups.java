package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts all index pages of a file, in order, into groups that one read gets: those of ten thousand
 * little chunks are a few reads. A group stands in one range of the file and describes no more
 * blocks than one full page.
 */
final class PageGroups {
  private final List<List<PagePlace>> groups = new ArrayList<>();
  private List<PagePlace> group = List.of();
  private long start;
  private long end;
  private long blocks;

  private PageGroups() {}

  static List<List<PagePlace>> of(Outline outline) {
    PageGroups made = new PageGroups();
    List<Directory.Entry> chunks = outline.directory().chunks();
    int ordinal = 0;
    for (int chunk = 0; chunk < chunks.size(); chunk++) {
      long left = Layout.blocks(chunks.get(chunk).size(), outline.header().blockSize());
      for (int page = 0; page < chunks.get(chunk).pages().size(); page++) {
        PagePlace place =
            new PagePlace(chunk, page, ordinal++, chunks.get(chunk).pages().get(page));
        made.add(place, Math.min(left, Layout.BLOCKS_PER_PAGE));
        left -= Layout.BLOCKS_PER_PAGE;
      }
    }
    return made.groups;
  }

  private void add(PagePlace place, long count) {
    boolean joins =
        place.ref().position() == end
            && place.end() - start <= Workbench.BATCH_BYTES
            && blocks + count <= Layout.BLOCKS_PER_PAGE;
    if (!joins || group.isEmpty()) {
      group = new ArrayList<>();
      groups.add(group);
      start = place.ref().position();
      blocks = 0;
    }
    group.add(place);
    end = place.end();
    blocks += count;
  }
}
