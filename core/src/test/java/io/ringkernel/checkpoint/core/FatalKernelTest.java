package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/**
 * A kernel, or its hooks, that fail with errors that Reactor takes for the end of the process, such
 * as a native library that is missing: who waits is told, and the next try goes well.
 */
class FatalKernelTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  /** Shorter than it takes until a kernel's limits would end it. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final CheckpointStorage storage = CheckpointStorages.open("memory:");
  private final CutKernel kernel = new CutKernel("left");
  private final CutKernel other = new CutKernel("right");
  private Checkpointer checkpointer;

  /** What a kernel does in a save, a restore, or those of its group. */
  private enum Step {
    QUIESCE,
    CAPTURE,
    RESTORE,
    RESUME;

    void does(CutKernel kernel, Mono<Void> hook) {
      switch (this) {
        case QUIESCE -> kernel.quiescing = hook;
        case CAPTURE -> kernel.capturing = hook;
        case RESTORE -> kernel.restoring = hook;
        case RESUME -> kernel.resuming = hook;
      }
    }
  }

  @BeforeEach
  void open() {
    checkpointer = CODEC.on(storage);
  }

  @AfterEach
  void close() {
    checkpointer.close().block(Patience.LIMIT);
    storage.close().block(Patience.LIMIT);
  }

  static Stream<Arguments> failures(Step... steps) {
    return Stream.of(steps)
        .flatMap(
            step ->
                Stream.of(new UnsatisfiedLinkError("no kernel.so"), new EndlessError())
                    .flatMap(
                        error ->
                            Stream.of(Raised.values())
                                .map(raised -> Arguments.of(step, raised, error))));
  }

  static Stream<Arguments> inSaves() {
    return failures(Step.CAPTURE);
  }

  static Stream<Arguments> inRestores() {
    return failures(Step.RESTORE);
  }

  static Stream<Arguments> inCuts() {
    return failures(Step.QUIESCE, Step.CAPTURE, Step.RESUME);
  }

  static Stream<Arguments> inGroupRestores() {
    return failures(Step.QUIESCE, Step.RESTORE, Step.RESUME);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("inSaves")
  void aSaveTellsOfIt(Step step, Raised raised, Error error) {
    isTold(step, raised, error, Mono.defer(() -> checkpointer.save(kernel)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("inRestores")
  void aRestoreTellsOfIt(Step step, Raised raised, Error error) {
    checkpointer.save(kernel).block(Patience.LIMIT);
    isTold(step, raised, error, Mono.defer(() -> checkpointer.restoreLatest(kernel)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("inCuts")
  void aGroupsSaveTellsOfIt(Step step, Raised raised, Error error) {
    isTold(
        step,
        raised,
        error,
        Mono.defer(() -> checkpointer.groups().save("g", List.of(other, kernel))));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("inGroupRestores")
  void aGroupsRestoreTellsOfIt(Step step, Raised raised, Error error) {
    checkpointer.groups().save("g", List.of(other, kernel)).block(Patience.LIMIT);
    isTold(
        step,
        raised,
        error,
        Mono.defer(() -> checkpointer.groups().restoreLatest("g", List.of(other, kernel))));
  }

  private void isTold(Step step, Raised raised, Error error, Mono<?> work) {
    step.does(kernel, Mono.defer(() -> raised.raise(error)));

    Throwable told = catchThrowable(() -> work.block(LIMIT));
    assertThat(told).isInstanceOf(CheckpointException.class);
    assertThat(causes(told)).contains(error);
    assertThat(kernel.open).hasValue(0);
    step.does(kernel, Mono.empty());
    assertThat(work.block(LIMIT)).isNotNull();
  }

  private static Stream<Throwable> causes(Throwable told) {
    return Stream.iterate(told, cause -> cause != null, Throwable::getCause);
  }

  /** Its words have no end. */
  private static final class EndlessError extends Error {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new StackOverflowError();
    }
  }
}
