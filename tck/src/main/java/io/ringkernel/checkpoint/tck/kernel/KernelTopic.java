package io.ringkernel.checkpoint.tck.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.CaptureReport;
import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What all topics need: a kernel at rest, and the check that it is as free as it was. */
abstract class KernelTopic {
  private static final int PIECE = 1 << 20;

  final TrackedBuffers buffers = new TrackedBuffers();
  final SampleCheckpoints checkpoints = new SampleCheckpoints(buffers);
  private final KernelContract contract;
  private final List<KernelUnderTest> started = new ArrayList<>();
  private final Set<KernelUnderTest> closing = new HashSet<>();
  private @Nullable KernelUnderTest first;
  private int leftStanding;

  KernelTopic(KernelContract contract) {
    this.contract = contract;
  }

  @BeforeEach
  void startKernel() {
    first = startAnother();
    first.advance();
  }

  @AfterEach
  void everyKernelIsFreeAndRunsOn() {
    try {
      started.stream().filter(each -> !closing.contains(each)).forEach(this::assertFree);
      assertThat(buffers.open()).as("checkpoints of the test that are not closed").isZero();
      Patience.until(
          "all resources of the kernels are given back, " + contract.openResources() + " are not",
          () -> contract.openResources() == 0);
    } finally {
      started.forEach(KernelUnderTest::close);
    }
  }

  /** A kernel that a test itself closes: it can't be captured at the end. */
  final void stop(KernelUnderTest each) {
    closing.add(each);
  }

  /** It can be captured as at first, and runs. Whatever a test kept of it would be in the way. */
  private void assertFree(KernelUnderTest each) {
    Patience.until("the turn is given back", () -> canBeCaptured(each.kernel()));
    each.advance();
    each.hooks()
        .ifPresent(
            hooks -> {
              Patience.until(
                  "each quiesce is followed by a resume",
                  () -> hooks.resumes() >= hooks.quiesces() - leftStanding);
              assertThat(hooks.resumes()).isLessThanOrEqualTo(hooks.quiesces());
              assertThat(hooks.mostAtOnce()).isLessThanOrEqualTo(1 + leftStanding);
            });
  }

  /** Where a second one is refused, a capture that was cancelled may be about to end. */
  private boolean canBeCaptured(CheckpointableKernel kernel) {
    try (Checkpoint checkpoint = await(kernel.createCheckpoint(), Checkpoint.class)) {
      boolean shadow = modeOf(checkpoint) == CaptureReport.Mode.SHADOW;
      return shadow == can(KernelCapability.SHADOW);
    } catch (KernelException e) {
      if (can(KernelCapability.WAITS)) {
        throw e;
      }
      return false;
    }
  }

  /** A restore that failed half-way left the kernel standing: its quiesce has no resume. */
  final void leftStanding() {
    leftStanding++;
  }

  static CaptureReport.Mode modeOf(Checkpoint checkpoint) {
    return checkpoint.capture().orElseThrow().mode();
  }

  /** The kernel under test of this test. */
  final KernelUnderTest subject() {
    return Objects.requireNonNull(first, "JUnit starts it before each test");
  }

  final CheckpointableKernel kernel() {
    return subject().kernel();
  }

  /** One more kernel of the same type and layout. */
  final KernelUnderTest startAnother() {
    KernelUnderTest another = contract.start();
    started.add(another);
    return another;
  }

  final boolean can(KernelCapability capability) {
    return subject().capabilities().contains(capability);
  }

  /** The hooks; a kernel that has none can't be made to do what the test is about. */
  final KernelHooks hooks() {
    Assumptions.assumeTrue(
        subject().hooks().isPresent(), "not applicable: this kernel can't be made to fail");
    return subject().hooks().orElseThrow();
  }

  final Checkpoint capture() {
    return await(kernel().createCheckpoint(), Checkpoint.class);
  }

  /** Closing does not wait, so the kernel may be a moment late where a second one is refused. */
  final Checkpoint captureWhenItIsFree() {
    return await(kernel().createCheckpoint().retryWhen(whereRefused()), Checkpoint.class);
  }

  /** Where nobody waits for a turn, whoever wants one asks again. */
  final Retry whereRefused() {
    return Retry.fixedDelay(Long.MAX_VALUE, Duration.ofMillis(10))
        .filter(e -> e instanceof KernelException && !can(KernelCapability.WAITS));
  }

  /** The value; fails when there is none, or not in time. */
  static <T> T await(Mono<T> mono, Class<T> type) {
    return type.cast(Objects.requireNonNull(mono.block(Patience.LIMIT), "completed empty"));
  }

  static void await(Mono<?> mono) {
    mono.block(Patience.LIMIT);
  }

  /** How a call fails, or null when it does not. */
  static @Nullable Throwable failureOf(Mono<?> mono) {
    return catchThrowable(() -> await(mono));
  }

  static void assertFailed(@Nullable Throwable failure, KernelException.Phase phase) {
    assertThat(failure)
        .isInstanceOfSatisfying(
            KernelException.class, error -> assertThat(error.phase()).isEqualTo(phase));
  }

  /** All bytes of a checkpoint. */
  final List<StatePart> read(Checkpoint checkpoint) {
    return checkpoint.chunks().stream().map(this::read).toList();
  }

  private StatePart read(DataChunk chunk) {
    byte[] bytes = new byte[(int) chunk.size()];
    for (int at = 0; at < bytes.length; at += PIECE) {
      read(chunk, at, bytes, Math.min(PIECE, bytes.length - at));
    }
    return new StatePart(chunk.type(), chunk.id(), chunk.name().orElse(null), bytes);
  }

  /** Through memory of the kit's own, so that it may stay with whatever does not let go of it. */
  final void read(DataChunk chunk, int at, byte[] target, int length) {
    try (OwnedBuffer piece = buffers.track(ByteBuffer.allocateDirect(length))) {
      await(chunk.content().read(at, piece.buffer()));
      assertThat(piece.buffer().remaining()).as("bytes not read").isZero();
      piece.buffer().flip().get(target, at, length);
    }
  }

  static void assertSame(List<StatePart> actual, List<StatePart> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      StatePart found = actual.get(i);
      StatePart wanted = expected.get(i);
      assertThat(found.type()).isEqualTo(wanted.type());
      assertThat(found.id()).isEqualTo(wanted.id());
      assertThat(found.name()).isEqualTo(wanted.name());
      assertThat(found.bytes().length)
          .as("size of %s", wanted.label())
          .isEqualTo(wanted.bytes().length);
      assertThat(ByteBuffer.wrap(found.bytes()).mismatch(ByteBuffer.wrap(wanted.bytes())))
          .as("first byte of %s that differs", wanted.label())
          .isEqualTo(-1);
    }
  }

  static List<byte[]> bytesOf(List<StatePart> state) {
    return state.stream().map(StatePart::bytes).toList();
  }

  /** Replaces the state by bytes that no other seed gives. */
  final void overwrite(long seed) {
    subject()
        .overwrite(
            subject().state().stream()
                .map(part -> DeterministicBytes.array(seed, part.bytes().length))
                .toList());
  }

  /** Index of the part with the most bytes. */
  static int largest(List<StatePart> state) {
    return IntStream.range(0, state.size())
        .boxed()
        .max(Comparator.comparingInt(i -> state.get(i).bytes().length))
        .orElseThrow();
  }
}
