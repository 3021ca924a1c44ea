package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.examples.Wave;
import io.ringkernel.checkpoint.examples.WaveDigest;
import io.ringkernel.checkpoint.format.Compression;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The process that {@code rkcp demo} starts, and kills: it runs the kernel and saves it. */
@Command(name = DemoKernelCommand.NAME, hidden = true, description = "Part of rkcp demo.")
final class DemoKernelCommand implements Callable<Integer> {
  static final String NAME = "demo-kernel";

  /** Enough for a bar that moves; each costs the kernel a moment. */
  private static final int PORTIONS = 20;

  private final Session session;

  @Option(names = "--store", description = "Where to save; without it, nothing is saved.")
  private @Nullable String store;

  @Option(names = "--resume", description = "Go on from the latest checkpoint.")
  private boolean resume;

  @Option(names = "--hold-at", description = "Go no further, and wait to be killed.")
  private long holdAt = Long.MAX_VALUE;

  @Option(names = "--kernel", required = true)
  private String program = "";

  @Option(names = "--kernel-id", required = true)
  private String kernelId = "";

  @Option(names = "--size", required = true)
  private int size;

  @Option(names = "--steps", required = true)
  private long steps;

  @Option(names = "--every", required = true)
  private long every;

  @Option(names = "--full-every", required = true)
  private int fullEvery;

  @Option(names = "--compression", required = true, converter = Converters.CompressionName.class)
  private Compression compression = Compression.NONE;

  DemoKernelCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    DemoPlan plan = new DemoPlan(program, kernelId, size, steps, every, fullEvery, compression);
    if (store == null) {
      try (Wave kernel = plan.start()) {
        run(kernel, 0, step -> Mono.empty());
      }
      return 0;
    }
    try (Store open =
            new Store(Checkpointer.builder(store).compression(compression).build(), session);
        Wave kernel = plan.start()) {
      Checkpointer checkpointer = open.checkpointer();
      long from = resume ? restored(checkpointer, kernel) : 0;
      run(kernel, from, step -> begun(checkpointer, kernel, plan, step));
    }
    return 0;
  }

  private interface Saves {
    Mono<Void> begin(long step);
  }

  private long restored(Checkpointer checkpointer, Wave kernel) {
    DemoEvent.Restored restored =
        DemoEvent.Restored.of(session.await(checkpointer.restoreLatest(kernel)));
    tell(restored);
    return restored.step();
  }

  private void run(Wave kernel, long from, Saves saves) {
    Mono<Void> saving = Mono.empty();
    for (long step = from; step < steps; ) {
      step = session.await(kernel.runTo(next(step)));
      tell(new DemoEvent.At(step));
      if (step % every == 0) {
        // Never two at once; mostly the one before ended long ago.
        session.finish(saving);
        saving = saves.begin(step);
      }
      if (step >= holdAt) {
        session.finish(Mono.never());
      }
    }
    session.finish(saving);
    try (Checkpoint last = session.await(kernel.createCheckpoint())) {
      tell(new DemoEvent.Ended(steps, session.await(WaveDigest.of(last))));
    }
  }

  /** The next step at which to look up. */
  private long next(long step) {
    long mark = (step / every + 1) * every;
    long portion = Math.max(1, every / PORTIONS);
    return Math.min(steps, Math.min(mark, step + portion));
  }

  /**
   * Starts a save and returns once the state is captured, so that the checkpoint is of exactly the
   * step it is named after. The kernel runs on while it is stored.
   */
  private Mono<Void> begun(Checkpointer checkpointer, Wave kernel, DemoPlan plan, long step) {
    Sinks.Empty<Void> captured = Sinks.empty();
    Mono<Void> saving =
        checkpointer
            .save(
                new WatchedKernel(kernel, captured::tryEmitEmpty),
                SaveRequest.defaults().named(plan.checkpoint(step)).base(plan.base(step)))
            .doOnNext(receipt -> tell(DemoEvent.Saved.of(receipt)))
            .then()
            .cache();
    // Whoever waits for it later learns how it ended.
    saving.onErrorComplete().subscribe();
    session.finish(Mono.firstWithSignal(captured.asMono(), saving));
    tell(new DemoEvent.Saving(step));
    return saving;
  }

  private synchronized void tell(DemoEvent event) {
    session.out().text(event.line() + "\n");
    session.out().flush();
  }
}
