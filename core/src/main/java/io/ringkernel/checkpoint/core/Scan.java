package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of one collection are read for. The first reading finds what is garbage, lets go
 * of savers that are dead, and finishes their commits; the second, when the garbage is condemned,
 * finds what somebody began to refer to meanwhile, and holds nobody dead.
 */
final class Scan {
  /** What a name referred to at one version: it need not be read again. */
  private record Known(String version, List<ObjectId> objects) {}

  /**
   * How far ahead of a collection's time a stamp may be: what is stamped while the collection is on
   * its way is no cause for doubt, and what was stamped before the clock was put back is.
   */
  static final Duration TOLERATED = Duration.ofMinutes(5);

  private final Instant now;
  private final boolean dryRun;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Map<String, Long> commits = new ConcurrentHashMap<>();
  private final Queue<String> notes = new ConcurrentLinkedQueue<>();
  private final PinNotes pinNotes = new PinNotes();
  private final AtomicLong pins = new AtomicLong();
  private final AtomicReference<@Nullable Instant> leasesEnd = new AtomicReference<>();
  private volatile boolean first = true;

  /**
   * @param now the storage's time
   * @param dryRun whether nothing may be changed
   */
  Scan(Instant now, boolean dryRun) {
    this.now = now;
    this.dryRun = dryRun;
  }

  Instant now() {
    return now;
  }

  /** Whether a stamp tells nothing of how long ago something was written. */
  boolean isAhead(Instant stamp) {
    return stamp.isAfter(now.plus(TOLERATED));
  }

  /** Whether this is the reading that lets go of what is dead. */
  boolean isFirst() {
    return first;
  }

  /** Whether dead writers are fenced off; else they are only not counted. */
  boolean mayChange() {
    return first && !dryRun;
  }

  /** From here on it is the second reading. */
  void beginSecond() {
    first = false;
  }

  /**
   * A saver is at work, or was killed.
   *
   * @param writtenAt its last sign of life; what is ahead of this collection is taken for now
   */
  void countPin(PinRecord pin, Instant writtenAt) {
    if (first) {
      Instant end = (isAhead(writtenAt) ? now : writtenAt).plus(pin.lease());
      pins.incrementAndGet();
      leasesEnd.accumulateAndGet(
          end, (one, other) -> one == null || other.isAfter(one) ? other : one);
    }
  }

  /** When the last lease of those savers is over; null when there are none. */
  @Nullable Instant leasesEnd() {
    return leasesEnd.get();
  }

  long pins() {
    return pins.get();
  }

  void note(String note) {
    if (first) {
      notes.add(note);
    }
  }

  /** What to tell of pins. */
  PinNotes pinNotes() {
    return pinNotes;
  }

  List<String> notes() {
    return Stream.concat(notes.stream(), pinNotes.told()).toList();
  }

  /** How many commits a kernel's head knows. */
  void rememberHead(Head head) {
    commits.put(head.kernelId(), head.sequence());
  }

  /** Whether a kernel was seen to have a head. */
  boolean hasHead(String kernelId) {
    return commits.containsKey(kernelId);
  }

  /** Whether the head of an entry's kernel was seen to know of its commit, or a later one. */
  boolean isKnownToItsHead(Entry entry) {
    Long known = commits.get(entry.metadata().kernelId());
    return known != null && Long.compareUnsigned(entry.mark().sequence(), known) <= 0;
  }

  /** What a name refers to, if that was read at this version. */
  @Nullable List<ObjectId> known(String name, String version) {
    Known read = known.get(name);
    return read != null && read.version().equals(version) ? read.objects() : null;
  }

  /** When nothing may be changed, a commit that waits is taken for done by who reads names next. */
  void foresee(Head.Latest commit) {
    if (dryRun) {
      remember(commit.name(), commit.base(), commit.entry().objects().toList());
    }
  }

  void remember(String name, String version, List<ObjectId> objects) {
    known.put(name, new Known(version, objects));
  }
}
