package io.ringkernel.checkpoint.examples.cuda;

import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.examples.WaveSetup;
import io.ringkernel.checkpoint.examples.WaveSource;
import io.ringkernel.checkpoint.examples.WaveStart;
import io.ringkernel.checkpoint.gpu.cuda.CudaMemory;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import java.nio.ByteBuffer;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** A wave's memory on its device, as it is at step 0: all of its state, and two words besides. */
final class WaveMemory {
  private final int size;
  private final long field;
  private final int controlBytes;
  private final int sampleBytes;
  private final CUdeviceptr control;
  private final CUdeviceptr a;
  private final CUdeviceptr b;
  private final CUdeviceptr speed;
  private final CUdeviceptr samples;
  private final CUdeviceptr turns;

  /**
   * Allocates and fills it.
   *
   * @param cuda gives it back
   */
  WaveMemory(Cuda cuda, WaveSetup setup, List<WaveSource> sources) {
    size = setup.size();
    field = (long) size * size * size * Float.BYTES;
    ByteBuffer block = WaveStart.controlBlock(setup, sources);
    controlBytes = block.capacity();
    control = cuda.allocate(block);
    a = cuda.allocateZeroed(field);
    b = cuda.allocateZeroed(field);
    speed = cuda.allocate(WaveStart.speed(setup));
    ByteBuffer table = WaveStart.samples(sources);
    sampleBytes = table.capacity();
    samples = cuda.allocate(table);
    turns = cuda.allocateZeroed(2 * Integer.BYTES);
  }

  /** Device address of two words by which the thread blocks agree on the next turn. */
  long turns() {
    return CudaMemory.of(turns, 2 * Integer.BYTES).address();
  }

  /** Adds the state to a description. */
  KernelDescriptor.Builder describe(KernelDescriptor.Builder descriptor) {
    return descriptor
        .gridSize(new Dim3(size, size, size))
        .controlBlock(CudaMemory.of(control, controlBytes))
        .region(WaveStart.PRESSURE_A, CudaMemory.of(a, field))
        .region(WaveStart.PRESSURE_B, CudaMemory.of(b, field))
        .region(WaveStart.SPEED, CudaMemory.of(speed, field))
        .region("samples", CudaMemory.of(samples, sampleBytes));
  }

  /** The kernel's parameters. */
  Pointer parameters(CUdeviceptr handshake, CUdeviceptr gate) {
    return Pointer.to(
        Pointer.to(handshake),
        Pointer.to(gate),
        Pointer.to(control),
        Pointer.to(a),
        Pointer.to(b),
        Pointer.to(speed),
        Pointer.to(samples));
  }
}
