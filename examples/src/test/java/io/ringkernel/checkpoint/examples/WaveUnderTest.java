package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.kernel.CheckpointableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.kernel.KernelCapability;
import io.ringkernel.checkpoint.tck.kernel.KernelUnderTest;
import io.ringkernel.checkpoint.tck.kernel.StatePart;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import reactor.core.Disposable;

/** A wave as the contract of a kernel drives it and looks at it: without a capture. */
final class WaveUnderTest implements KernelUnderTest {
  private static final int SIZE = 32;
  private static final WaveSource SOURCE = new WaveSource(0, 12, 11, 10, 1, 16);
  private static final WaveSetup SETUP = WaveSetup.ofSize(SIZE).withThreads(2);

  /** The two fields; the other parts carry times of the clock, or depend on the reports. */
  private static final List<Integer> COMPUTED = List.of(4, 5);

  private final WaveKernel kernel = WaveKernel.start("wave-0", SETUP);

  /** Stepped by the test itself; what a capture must be equal to. */
  private Cube undisturbed = cube();

  WaveUnderTest() {
    kernel.inject(SOURCE).block(Patience.LIMIT);
  }

  private static Cube cube() {
    Cube cube = new Cube(SETUP.withReportEvery(Integer.MAX_VALUE));
    cube.state.commands().offer(HlcTimestamp.ZERO, SOURCE::writeTo);
    return cube;
  }

  @Override
  public CheckpointableKernel kernel() {
    return kernel;
  }

  @Override
  public Set<KernelCapability> capabilities() {
    return Set.of(
        KernelCapability.SHADOW,
        KernelCapability.WAITS,
        KernelCapability.STAGED_RESTORE,
        KernelCapability.LETS_GO_OF_CONTENT,
        KernelCapability.QUIESCES);
  }

  @Override
  public CheckpointMetadata metadata() {
    return CheckpointMetadata.builder("wave-0", WaveKernel.TYPE)
        .step(kernel.memory().control().step())
        .gridSize(new Dim3(SIZE, SIZE, SIZE))
        .tileSize(new Dim3(SIZE, SIZE, 1))
        .hlc(kernel.memory().time())
        .build();
  }

  @Override
  public List<StatePart> state() {
    return kernel.memory().parts().stream().map(WaveUnderTest::copied).toList();
  }

  private static StatePart copied(WaveState.Part part) {
    byte[] bytes = new byte[part.memory().capacity()];
    part.memory().get(0, bytes);
    return new StatePart(part.type(), part.id(), part.name(), bytes);
  }

  @Override
  public void overwrite(List<byte[]> parts) {
    for (int i = 0; i < parts.size(); i++) {
      kernel.memory().parts().get(i).memory().put(0, parts.get(i));
    }
  }

  @Override
  public void advance() {
    kernel.runTo(kernel.memory().control().step() + 1).block(Patience.LIMIT);
  }

  @Override
  public Disposable run() {
    Disposable run = kernel.runTo(Long.MAX_VALUE).subscribe();
    return () -> {
      run.dispose();
      // Served between two steps, and no other follows.
      kernel.takeReports().block(Patience.LIMIT);
    };
  }

  @Override
  public void assertWasReached(CheckpointMetadata metadata, List<StatePart> parts) {
    if (metadata.step() < undisturbed.state.control().step()) {
      undisturbed.close();
      undisturbed = cube();
    }
    undisturbed.steps((int) (metadata.step() - undisturbed.state.control().step()));
    for (int part : COMPUTED) {
      ByteBuffer expected = undisturbed.state.parts().get(part).memory();
      assertThat(ByteBuffer.wrap(parts.get(part).bytes()).mismatch(expected.duplicate().clear()))
          .as("first byte of %s that is not of step %d", parts.get(part).type(), metadata.step())
          .isEqualTo(-1);
    }
  }

  @Override
  public void close() {
    kernel.close();
    undisturbed.close();
  }
}
