package io.ringkernel.checkpoint.format.v2;

import java.util.List;

/**
 * How to get raw bytes: which bytes of which files to read together, and where there are only
 * zeros.
 *
 * @param transfers by file, in the order of their positions
 * @param zeros in order
 */
record ReadPlan(List<Transfer> transfers, List<Zeros> zeros) {
  /**
   * A range of the target that is all zero.
   *
   * @param targetAt its first byte
   * @param length in bytes
   */
  record Zeros(long targetAt, long length) {}

  /**
   * For the part of a range of a chunk that some pages describe.
   *
   * @param pages that describe blocks of it, in order
   * @param chunkSize raw bytes of the chunk
   * @param blockSize of the file
   * @param offset of the range in the chunk; it may begin in an earlier page
   * @param length of the range; it may end in a later page
   */
  static ReadPlan ofRange(
      List<IndexPage> pages, long chunkSize, int blockSize, long offset, long length) {
    ReadPlanner planner = new ReadPlanner(blockSize, true);
    pages.forEach(page -> planner.add(page, chunkSize, offset, length));
    return planner.plan();
  }

  /** For all blocks of some pages, to be verified and not to be kept. */
  static List<Transfer> ofAll(List<IndexPage> pages, Outline outline) {
    ReadPlanner planner = new ReadPlanner(outline.header().blockSize(), false);
    for (IndexPage page : pages) {
      long size = outline.directory().chunks().get(page.chunk()).size();
      planner.add(page, size, 0, size);
    }
    return planner.plan().transfers();
  }
}
