package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.RestoreReceipt;
import io.ringkernel.checkpoint.core.SaveReceipt;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the process that runs the demo's kernel tells the one that watches it: one line each, on a
 * pipe. So what was told is known when the process has been killed.
 */
sealed interface DemoEvent {
  /** The kernel has come so far. */
  record At(long step) implements DemoEvent {
    @Override
    public String line() {
      return "at\t" + step;
    }
  }

  /** A save begins. */
  record Saving(long step) implements DemoEvent {
    @Override
    public String line() {
      return "saving\t" + step;
    }
  }

  /** A save was committed; its notes in one line. */
  record Saved(
      String name,
      long step,
      String kind,
      long captured,
      long stored,
      Duration stall,
      Duration duration,
      String notes)
      implements DemoEvent {
    static Saved of(SaveReceipt receipt) {
      return new Saved(
          receipt.name(),
          receipt.step(),
          Receipts.kind(receipt.kind()),
          receipt.captured(),
          receipt.stored(),
          receipt.stall(),
          receipt.duration(),
          String.join("; ", receipt.notes()).replaceAll("\\s", " "));
    }

    @Override
    public String line() {
      return String.join(
          "\t",
          "saved",
          name,
          Long.toString(step),
          kind,
          Long.toString(captured),
          Long.toString(stored),
          Long.toString(stall.toNanos()),
          Long.toString(duration.toNanos()),
          notes);
    }
  }

  /** The kernel goes on from a checkpoint. */
  record Restored(String name, long step, long bytes, int skipped) implements DemoEvent {
    static Restored of(RestoreReceipt receipt) {
      return new Restored(
          receipt.checkpoint().name(),
          receipt.checkpoint().metadata().step(),
          receipt.restored(),
          receipt.skipped().size());
    }

    @Override
    public String line() {
      return "restored\t" + name + "\t" + step + "\t" + bytes + "\t" + skipped;
    }
  }

  /** The kernel has come to the end. */
  record Ended(long step, String sha256) implements DemoEvent {
    @Override
    public String line() {
      return "ended\t" + step + "\t" + sha256;
    }
  }

  /** Its line; names of checkpoints hold no tab. */
  String line();

  /**
   * The event of a line; null for one that was cut short when its process was killed, or that is
   * none.
   */
  static @Nullable DemoEvent parse(String line) {
    String[] fields = line.split("\t", -1);
    try {
      return switch (fields[0] + "/" + fields.length) {
        case "at/2" -> new At(Long.parseLong(fields[1]));
        case "saving/2" -> new Saving(Long.parseLong(fields[1]));
        case "saved/9" ->
            new Saved(
                fields[1],
                Long.parseLong(fields[2]),
                fields[3],
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]),
                Duration.ofNanos(Long.parseLong(fields[6])),
                Duration.ofNanos(Long.parseLong(fields[7])),
                fields[8]);
        case "restored/5" ->
            new Restored(
                fields[1],
                Long.parseLong(fields[2]),
                Long.parseLong(fields[3]),
                Integer.parseInt(fields[4]));
        case "ended/3" -> new Ended(Long.parseLong(fields[1]), fields[2]);
        default -> null;
      };
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
