package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Every fault at every request of a save, a load, a delete and a list, once and for good: the
 * outcome is right, or it is a typed error and nothing is half there; and the caller's retry
 * succeeds.
 */
class FaultMatrixTest {
  private static final byte[] OLD = DeterministicBytes.array(1, 300_000);
  private static final byte[] SMALL = DeterministicBytes.array(2, 40_000);
  private static final byte[] LARGE = DeterministicBytes.array(3, 400_000);
  private static final int FOR_GOOD = 1000;

  /** More of one kind of request than so many are alike. */
  private static final int MOST_OF_ONE_KIND = 3;

  private static final List<Faults.Fault> FAULTS =
      List.of(
          new Faults.Fault.Refused(500, "InternalError"),
          new Faults.Fault.Refused(503, "SlowDown"),
          new Faults.Fault.Refused(429, "TooManyRequests"),
          new Faults.Fault.ResetInRequest(0),
          new Faults.Fault.ResetInRequest(30_000),
          new Faults.Fault.ResetInAnswer(60),
          new Faults.Fault.ResetInAnswer(100_000),
          new Faults.Fault.Truncated(60),
          new Faults.Fault.Truncated(100_000),
          new Faults.Fault.LostAnswer(),
          new Faults.Fault.Slow());

  private static final Faults.Fault CONFLICT =
      new Faults.Fault.Refused(409, "ConditionalRequestConflict");

  /** Something to do with a store, and how to see whether it was done. */
  private interface Scenario {
    void prepare(StoreUnderTest store);

    Mono<?> run(StoreUnderTest store);

    /** Fails unless all is as it must be after a success. */
    void assertDone(StoreUnderTest store, Object result);

    /** Fails unless all is as it was before. */
    void assertUndone(StoreUnderTest store);
  }

  private record Case(
      Scenario scenario, S3Operation operation, int first, int times, Faults.Fault fault) {
    void assertNoUploadLeft(S3Bucket bucket) {
      if (operation == S3Operation.CREATE) {
        // An upload whose id was lost is empty.
        assertThat(bucket.partsLeft()).isEmpty();
      } else if (operation != S3Operation.ABORT || times < FOR_GOOD) {
        // What can't be aborted is invisible, and left to the bucket's life cycle rule.
        assertThat(bucket.uploads()).isEmpty();
      }
    }

    @Override
    public String toString() {
      return operation + " " + first + " x " + times + " " + fault;
    }
  }

  private static void runAll(Scenario scenario) {
    runAll(scenario, EnumSet.allOf(S3Operation.class));
  }

  private static void runAll(Scenario scenario, Set<S3Operation> faulty) {
    List<Case> cases = new ArrayList<>();
    requestsOf(scenario)
        .forEach(
            (operation, count) -> {
              if (faulty.contains(operation)) {
                cases.addAll(casesOf(scenario, operation, Math.min(count, MOST_OF_ONE_KIND)));
              }
            });
    assertThat(cases).isNotEmpty();
    List<String> failures =
        Flux.fromIterable(cases)
            .flatMap(
                each ->
                    Mono.fromCallable(() -> failureOf(each))
                        .subscribeOn(Schedulers.boundedElastic()),
                8)
            .collectList()
            .block(Patience.LIMIT.multipliedBy(10));
    assertThat(failures).filteredOn(failure -> !failure.isEmpty()).isEmpty();
  }

  private static Map<S3Operation, Integer> requestsOf(Scenario scenario) {
    try (StoreUnderTest store = new StoreUnderTest()) {
      scenario.prepare(store);
      store.server().faults().takeCounts();
      Object result = scenario.run(store).block(Patience.LIMIT);
      Map<S3Operation, Integer> counts = store.server().faults().takeCounts();
      scenario.assertDone(store, result);
      return counts;
    }
  }

  private static List<Case> casesOf(Scenario scenario, S3Operation operation, int count) {
    List<Case> cases = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      for (int times : new int[] {1, FOR_GOOD}) {
        for (Faults.Fault fault : FAULTS) {
          cases.add(new Case(scenario, operation, number, times, fault));
        }
        if (operation == S3Operation.PUT || operation == S3Operation.COMPLETE) {
          cases.add(new Case(scenario, operation, number, times, CONFLICT));
        }
      }
    }
    return cases;
  }

  /** What is wrong, or an empty text. */
  private static String failureOf(Case each) {
    try (StoreUnderTest store = new StoreUnderTest()) {
      each.scenario().prepare(store);
      Faults faults = store.server().faults();
      faults.inject(each.operation(), each.first(), each.times(), each.fault());
      Object result =
          each.scenario()
              .run(store)
              .cast(Object.class)
              .onErrorResume(Mono::just)
              .block(Patience.LIMIT);
      assertThat(faults.seen(each.operation())).isGreaterThanOrEqualTo(each.first());
      faults.clear();
      if (result instanceof Throwable failure) {
        assertThat(failure).isInstanceOf(CheckpointException.class);
        each.scenario().assertUndone(store);
        result = each.scenario().run(store).block(Patience.LIMIT);
      }
      each.scenario().assertDone(store, result);
      each.assertNoUploadLeft(store.server().bucket());
      return "";
    } catch (Throwable e) {
      java.io.StringWriter trace = new java.io.StringWriter();
      e.printStackTrace(new java.io.PrintWriter(trace));
      return each + ": " + trace;
    }
  }

  private static final class Saving implements Scenario {
    private final byte[] bytes;
    private final String condition;

    Saving(byte[] bytes, String condition) {
      this.bytes = bytes;
      this.condition = condition;
    }

    @Override
    public void prepare(StoreUnderTest store) {
      if (!condition.equals("absent")) {
        store.save("a", OLD, SaveOptions.replace());
      }
    }

    @Override
    public Mono<?> run(StoreUnderTest store) {
      SaveOptions options =
          switch (condition) {
            case "absent" -> SaveOptions.onlyIfAbsent();
            case "version" -> SaveOptions.onlyIfVersion(store.savedVersion());
            default -> SaveOptions.replace();
          };
      return store.saving("a", bytes, options);
    }

    @Override
    public void assertDone(StoreUnderTest store, Object result) {
      assertThat(store.read("a")).isEqualTo(bytes);
      assertThat(result).hasFieldOrPropertyWithValue("version", store.stat("a").version());
    }

    @Override
    public void assertUndone(StoreUnderTest store) {
      if (condition.equals("absent")) {
        assertThat(store.names()).isEmpty();
      } else {
        assertThat(store.read("a")).isEqualTo(OLD);
        assertThat(store.stat("a").version()).isEqualTo(store.savedVersion());
      }
    }
  }

  @Test
  void savesASmallObject() {
    runAll(new Saving(SMALL, "absent"));
    runAll(new Saving(SMALL, "any"), EnumSet.of(S3Operation.PUT));
    runAll(new Saving(SMALL, "version"));
  }

  @Test
  void savesALargeObjectIfAbsent() {
    runAll(new Saving(LARGE, "absent"));
  }

  @Test
  void savesALargeObjectIfAVersionIsThere() {
    runAll(new Saving(LARGE, "version"), EnumSet.of(S3Operation.HEAD, S3Operation.COMPLETE));
  }

  /** The clean-up must not be in the way of what went wrong. */
  private record Failing() implements Scenario {
    @Override
    public void prepare(StoreUnderTest store) {}

    @Override
    public Mono<?> run(StoreUnderTest store) {
      return store
          .storage()
          .save(
              "a",
              Flux.concat(
                  store.buffers().pieces(LARGE, 10_000),
                  Flux.error(new StorageException("the source broke", false, null))),
              SaveOptions.replace())
          .cast(Object.class)
          .onErrorResume(
              failure ->
                  failure.getMessage().equals("the source broke")
                      ? Mono.just("the source broke")
                      : Mono.error(failure));
    }

    @Override
    public void assertDone(StoreUnderTest store, Object result) {
      assertThat(result).isEqualTo("the source broke");
      assertThat(store.names()).isEmpty();
    }

    @Override
    public void assertUndone(StoreUnderTest store) {
      assertThat(store.names()).isEmpty();
    }
  }

  @Test
  void cleansUpAfterAFailure() {
    runAll(new Failing(), EnumSet.of(S3Operation.CREATE, S3Operation.PART, S3Operation.ABORT));
  }

  private record Loading() implements Scenario {
    private static final byte[] BYTES = DeterministicBytes.array(4, 1_500_000);

    @Override
    public void prepare(StoreUnderTest store) {
      store.save("a", BYTES, SaveOptions.replace());
    }

    @Override
    public Mono<?> run(StoreUnderTest store) {
      return store.reading("a");
    }

    @Override
    public void assertDone(StoreUnderTest store, Object result) {
      assertThat((byte[]) result).isEqualTo(BYTES);
    }

    @Override
    public void assertUndone(StoreUnderTest store) {
      assertThat(store.read("a")).isEqualTo(BYTES);
    }
  }

  @Test
  void loads() {
    runAll(new Loading());
  }

  private record Deleting(boolean ofVersion) implements Scenario {
    @Override
    public void prepare(StoreUnderTest store) {
      store.save("a", SMALL, SaveOptions.replace());
    }

    @Override
    public Mono<?> run(StoreUnderTest store) {
      return ofVersion
          ? store.storage().delete("a", store.savedVersion())
          : store.storage().delete("a");
    }

    @Override
    public void assertDone(StoreUnderTest store, Object result) {
      assertThat(result).isEqualTo(true);
      assertThat(store.names()).isEmpty();
    }

    @Override
    public void assertUndone(StoreUnderTest store) {
      assertThat(store.read("a")).isEqualTo(SMALL);
    }
  }

  @Test
  void deletes() {
    runAll(new Deleting(false));
    runAll(new Deleting(true));
  }

  private record Listing() implements Scenario {
    private static final List<String> NAMES = List.of("a", "b", "c/d", "c/e", "f", "g");

    @Override
    public void prepare(StoreUnderTest store) {
      store.server().bucket().limit(S3Server.SMALL_PART, 4);
      NAMES.forEach(name -> store.save(name, SMALL, SaveOptions.replace()));
    }

    @Override
    public Mono<?> run(StoreUnderTest store) {
      return store.storage().list("").map(each -> each.name()).collectList();
    }

    @Override
    public void assertDone(StoreUnderTest store, Object result) {
      assertThat(result).isEqualTo(NAMES);
    }

    @Override
    public void assertUndone(StoreUnderTest store) {
      assertThat(store.names()).isEqualTo(NAMES);
    }
  }

  @Test
  void lists() {
    runAll(new Listing());
  }
}
