package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The demo's three processes, one after the other. */
final class DemoRun {
  /** A kill later than this after a save began would mostly miss the save. */
  private static final long MOST_DELAY_NANOS = 20_000_000;

  private final DemoPlan plan;
  private final DemoDirectory place;
  private final Progress progress;
  private final Session session;
  private final List<DemoEvent.Saved> saved = new ArrayList<>();

  DemoRun(DemoPlan plan, DemoDirectory place, Progress progress, Session session) {
    this.plan = plan;
    this.place = place;
    this.progress = progress;
    this.session = session;
  }

  /**
   * Runs all of them.
   *
   * @param kill whether the first is killed and a second goes on from what it left
   */
  DemoOutcome toTheEnd(boolean kill) {
    String store = "--store=" + place.store();
    DemoEvent.@Nullable Restored restored = null;
    String reached;
    if (kill) {
      killed(List.of(store, "--hold-at=" + plan.lastStepBeforeTheKill()));
      Ending second = ended("restores the latest checkpoint", List.of(store, "--resume"));
      restored = second.restored;
      reached = second.sha256;
    } else {
      reached = ended("runs the kernel and saves it while it runs on", List.of(store)).sha256;
    }
    String uninterrupted =
        ended("runs from the start, uninterrupted and saving nothing", List.of()).sha256;
    return new DemoOutcome(List.copyOf(saved), restored, reached, uninterrupted);
  }

  private void killed(List<String> options) {
    try (DemoProcess process = DemoProcess.start(plan, options)) {
      session.interruption().cancelBy(process::kill);
      progress.line(title(process, "runs the kernel and saves it while it runs on"));
      for (DemoEvent event = process.next(); event != null; event = process.next()) {
        show(event);
        if (event instanceof DemoEvent.Saving saving && saving.step() >= plan.killedWhileSaving()) {
          kill(process, saving);
          return;
        }
      }
      requireNotInterrupted();
      process.requireSuccess();
      throw new RefusedException("the process to be killed ended by itself");
    }
  }

  /** At a random moment of the save, and not at one that suits us. */
  private void kill(DemoProcess process, DemoEvent.Saving saving) {
    long begun = System.nanoTime();
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(MOST_DELAY_NANOS));
    process.kill();
    Duration after = Duration.ofNanos(System.nanoTime() - begun);
    // What it told before it died is still in the pipe: a save may have been committed.
    for (DemoEvent event = process.next(); event != null; event = process.next()) {
      show(event);
    }
    requireNotInterrupted();
    progress.line(
        "   killed with SIGKILL, %s after it began to save step %s (exit code %d)"
            .formatted(Quantity.time(after), Quantity.count(saving.step()), process.exitCode()));
    progress.line("");
  }

  private static final class Ending {
    private DemoEvent.@Nullable Restored restored;
    private String sha256 = "";
  }

  private Ending ended(String does, List<String> options) {
    Ending ending = new Ending();
    try (DemoProcess process = DemoProcess.start(plan, options)) {
      session.interruption().cancelBy(process::kill);
      progress.line(title(process, does));
      for (DemoEvent event = process.next(); event != null; event = process.next()) {
        show(event);
        if (event instanceof DemoEvent.Restored restored) {
          ending.restored = restored;
        } else if (event instanceof DemoEvent.Ended ended) {
          ending.sha256 = ended.sha256();
        }
      }
      progress.clear();
      requireNotInterrupted();
      process.requireSuccess();
    }
    progress.line("   step " + Quantity.count(plan.steps()) + ": the end");
    progress.line("");
    return ending;
  }

  private static String title(DemoProcess process, String does) {
    return "Process " + process.pid() + " " + does + ".";
  }

  private void show(DemoEvent event) {
    if (event instanceof DemoEvent.At at) {
      progress.at(at.step(), plan.steps());
    } else if (event instanceof DemoEvent.Saved one) {
      saved.add(one);
      progress.line(
          "   step %s: saved in %s, the kernel stood still for %s"
              .formatted(
                  Quantity.count(one.step()),
                  Quantity.time(one.duration()),
                  Quantity.time(one.stall())));
    } else if (event instanceof DemoEvent.Restored restored) {
      progress.line(
          "   step %s: restored from %s, %s, every byte verified"
              .formatted(
                  Quantity.count(restored.step()),
                  Printable.of(restored.name()),
                  Quantity.bytes(restored.bytes())));
    }
  }

  /** A process that Ctrl-C ended is no failure of its own. */
  private void requireNotInterrupted() {
    if (session.interruption().isRequested()) {
      throw new CancellationException();
    }
  }
}
