package io.ringkernel.checkpoint.examples;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.ringkernel.checkpoint.core.BaseCacheStats;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.Tiers;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import reactor.core.publisher.Mono;

/**
 * How a service sees its saves in Prometheus, or wherever else Micrometer tells of meters. All that
 * there is to see is in the receipts, the errors, and two figures that a {@link Checkpointer} gives
 * when it is asked.
 *
 * <p>No meter is tagged by kernel or name: a registry keeps each combination of tags for ever.
 */
// Who copies this requires Micrometer; who runs the other examples does not.
@SuppressWarnings("exports")
public final class MeteredSaves {
  private final MeterRegistry registry;

  /**
   * Adds to a registry.
   *
   * @param registry stays the caller's
   */
  public MeteredSaves(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Counts a save, once for each subscription.
   *
   * @param save of {@link Checkpointer#save}; periodic ones are told by {@code
   *     doOnNext(meters::saved)} and {@code onFailure(failed -> meters.failed(failed.error()))}
   */
  public Mono<SaveReceipt> metered(Mono<SaveReceipt> save) {
    return save.doOnNext(this::saved).doOnError(this::failed);
  }

  /**
   * A save that was committed: how long it took and its kernel stood still, and what of the state
   * had to be stored.
   *
   * @param receipt of it
   */
  public void saved(SaveReceipt receipt) {
    String kind = receipt.kind().name().toLowerCase(Locale.ROOT);
    Timer.builder("rkcp.save").tag("kind", kind).register(registry).record(receipt.duration());
    Timer.builder("rkcp.save.stall").register(registry).record(receipt.stall());
    bytes("rkcp.save.captured", kind).record((double) receipt.captured());
    bytes("rkcp.save.stored", kind).record((double) receipt.stored());
  }

  private DistributionSummary bytes(String name, String kind) {
    return DistributionSummary.builder(name).baseUnit("bytes").tag("kind", kind).register(registry);
  }

  /**
   * A save that failed, by what became of it.
   *
   * @param error why
   */
  public void failed(Throwable error) {
    registry.counter("rkcp.save.failed", "error", error.getClass().getSimpleName()).increment();
  }

  /**
   * Shows, for as long as the checkpointer is used, how its cache of base indexes fares, and how
   * much waits for the far tier if there is one.
   *
   * @param checkpointer is asked whenever the registry is
   */
  public void watch(Checkpointer checkpointer) {
    reads(checkpointer, "hit", BaseCacheStats::hits);
    reads(checkpointer, "load", BaseCacheStats::loads);
    reads(checkpointer, "failure", BaseCacheStats::loadFailures);
    checkpointer
        .tiers()
        .ifPresent(
            tiers -> Gauge.builder("rkcp.far.backlog", tiers, Tiers::backlog).register(registry));
  }

  private void reads(
      Checkpointer checkpointer, String result, ToDoubleFunction<BaseCacheStats> figure) {
    FunctionCounter.builder(
            "rkcp.base.reads", checkpointer, asked -> figure.applyAsDouble(asked.baseCacheStats()))
        .tag("result", result)
        .register(registry);
  }
}
