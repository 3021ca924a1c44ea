package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a cut is, or how it ended.
 *
 * @param id tells this cut from every other
 * @param phase what the members are to do
 * @param time of the cut; zero until all stand still
 * @param outcome the name of the manifest once it is written, or the reason of the failure; empty
 *     until then
 * @param culprit the kernel that failed; empty when none did
 */
record Cut(ObjectId id, Phase phase, HlcTimestamp time, String outcome, String culprit) {
  /** What the coordinator asks for, in order. */
  enum Phase {
    /** Get ready; nobody stands still. */
    GATHER,
    /** Come to a stop. */
    QUIESCE,
    /** Capture. */
    CAPTURE,
    /** Run on, and save. */
    RESUME,
    /** All are saved, and the manifest is written: nobody gives it up from here on. */
    COMMITTING,
    /** It is over, and there is a group. */
    COMMITTED,
    /** It is over, and there is none. */
    FAILED,
    /** It is over, and only the store tells whether there is a group. */
    UNKNOWN;

    boolean isOver() {
      return compareTo(COMMITTED) >= 0;
    }

    private static Phase of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  static Cut opened(ObjectId id) {
    return new Cut(id, Phase.GATHER, HlcTimestamp.ZERO, "", "");
  }

  Cut at(Phase next, HlcTimestamp when) {
    return new Cut(id, next, when, outcome, culprit);
  }

  Cut committing(String name) {
    return new Cut(id, Phase.COMMITTING, time, name, "");
  }

  Cut over(Phase end, String howItEnded, String whoFailed) {
    return new Cut(id, end, time, howItEnded, whoFailed);
  }

  /**
   * How it ended, when another takes its place. Its coordinator sees that before it commits; one
   * that is committing does not look any more.
   */
  Cut replaced() {
    return switch (phase) {
      case COMMITTED, FAILED, UNKNOWN -> this;
      case COMMITTING -> over(Phase.UNKNOWN, outcome, "");
      case GATHER, QUIESCE, CAPTURE, RESUME ->
          over(Phase.FAILED, "another coordinator took over", "");
    };
  }

  /**
   * Writes it in lines of its own.
   *
   * @param prefix of their keys
   */
  void write(RecordWriter out, String prefix) {
    out.line(prefix + "id", id.hex())
        .line(prefix + "phase", phase.name().toLowerCase(Locale.ROOT))
        .time(prefix + "cut", time)
        .line(prefix + "outcome", outcome)
        .line(prefix + "culprit", culprit);
  }

  /** Reads what was written so. */
  static Cut read(RecordReader in, String prefix) {
    return new Cut(
        in.value(prefix + "id", ObjectId::new),
        in.value(prefix + "phase", Phase::of),
        in.time(prefix + "cut"),
        in.text(prefix + "outcome"),
        in.text(prefix + "culprit"));
  }

  /** Reads one that is over, if there is one. */
  static Optional<Cut> readEnded(RecordReader in, String prefix) {
    if (!in.has(prefix + "id")) {
      return Optional.empty();
    }
    Cut cut = read(in, prefix);
    if (!cut.phase.isOver()) {
      throw new CorruptCheckpointException(0, "the cut before this one is not over");
    }
    return Optional.of(cut);
  }
}
