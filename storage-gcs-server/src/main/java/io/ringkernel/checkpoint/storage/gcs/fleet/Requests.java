package io.ringkernel.checkpoint.storage.gcs.fleet;

import java.util.List;

/**
 * Requests by class: what a call asks of a bucket by the model, which is the table of
 * docs/scaling.md, or what a server has counted.
 *
 * @param posts uploads, each counted by its first request
 * @param puts parts of uploads
 * @param gets descriptions and bytes
 * @param lists pages
 * @param deletes deletions
 */
public record Requests(long posts, long puts, long gets, long lists, long deletes) {
  /** Of a kernel, with nothing beside its name; its object is of one part. */
  public static final Requests FIRST_SAVE = new Requests(6, 0, 7, 2, 1);

  /** What the first kernel of a store writes more: what is given up when the storage is full. */
  public static final Requests RESERVE = new Requests(1, 0, 0, 0, 0);

  /** Under a new name, with the base's index in memory; its object is of one part. */
  public static final Requests DELTA = new Requests(5, 0, 16, 1, 1);

  /** Under a new name, of a kernel that has saved before; its object is of one part. */
  public static final Requests FULL_SAVE = new Requests(5, 0, 8, 1, 1);

  /** Of a checkpoint that refers to no other object. */
  public static final Requests OPEN = new Requests(0, 0, 7, 0, 0);

  /** Each older object that is read from. */
  public static final Requests ANCESTOR = new Requests(0, 0, 2, 0, 0);

  /** Up to 4 MiB of blocks that lie together. */
  public static final Requests RANGE = new Requests(0, 0, 1, 0, 0);

  /** Of one checkpoint. */
  public static final Requests DELETION = new Requests(0, 0, 2, 0, 1);

  private static final int NAMES_IN_A_PAGE = 1000;
  private static final int CHECKPOINTS_IN_A_RECORD = 500;

  /**
   * What lies in a store.
   *
   * @param kernels with a head each
   * @param checkpoints with an entry each
   * @param objects referred to or not
   * @param others records of the journal, clock, reserve
   */
  public record Contents(long kernels, long checkpoints, long objects, long others) {
    long names() {
      return kernels + checkpoints + objects + others;
    }
  }

  /** All checkpoints: all heads, and the entries, on the way to which all names are listed. */
  public static Requests listing(Contents store) {
    return new Requests(
        0,
        0,
        2 * (store.checkpoints + store.kernels),
        pages(store.kernels) + pages(store.names()),
        0);
  }

  /**
   * A pruning that keeps some checkpoints of each kernel. It opens the newest of each, asks the
   * head whether numbers tell the order, and reads what it removes again.
   *
   * @param ancestors of each newest checkpoint
   */
  public static Requests pruning(Contents store, int ancestors, long removed) {
    long records = (store.checkpoints + CHECKPOINTS_IN_A_RECORD - 1) / CHECKPOINTS_IN_A_RECORD;
    return listing(store)
        .plus(new Requests(3 * records, 0, 4 * removed, 0, removed))
        .plus(new Requests(0, 0, 13 + 4L * ancestors, 0, 0).times(store.kernels));
  }

  /**
   * A collection that condemns and removes. Heads, and the names that they hold, are read twice;
   * entries that did not change meanwhile are not. The reserve is looked for first and last.
   */
  public static Requests collection(Contents store, long removed) {
    long twice = 2 * (1 + pages(store.kernels)) + pages(store.names()) + pages(store.names() + 1);
    long once = 1 + pages(store.objects) + 1;
    return new Requests(
        5, 0, 8 * store.kernels + 2 * store.checkpoints + 2, twice + once, removed + 1);
  }

  private static long pages(long names) {
    return names / NAMES_IN_A_PAGE + 1;
  }

  /** These and those. */
  public Requests plus(Requests more) {
    return new Requests(
        posts + more.posts,
        puts + more.puts,
        gets + more.gets,
        lists + more.lists,
        deletes + more.deletes);
  }

  /** These so many times. */
  public Requests times(long count) {
    return new Requests(posts * count, puts * count, gets * count, lists * count, deletes * count);
  }

  /**
   * What a server was asked.
   *
   * @param seen as the server's log words it
   */
  public static Requests counted(List<String> seen) {
    long lists = count(seen, "GET list");
    return new Requests(
        count(seen, "POST"),
        count(seen, "PUT"),
        count(seen, "GET") - lists,
        lists,
        count(seen, "DELETE"));
  }

  private static long count(List<String> seen, String prefix) {
    return seen.stream().filter(request -> request.startsWith(prefix)).count();
  }
}
