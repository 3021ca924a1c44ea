package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The driver's own copies of a state, that ours are measured beside: calls in one stream and
 * nothing else. Those to and from the host are of long pieces, and of the same pinned memory as
 * ours.
 */
final class BareDriver implements AutoCloseable {
  private static final int PIECE = GpuState.PIECE;

  private final GpuState state;
  private final int pinnedSize;
  private final CUdeviceptr other = new CUdeviceptr();
  private final Pointer pinned = new Pointer();
  private final CUstream stream = new CUstream();

  /**
   * @param state what is copied
   * @param pinnedSize bytes of pinned memory, a multiple of 16 MiB: used over and over
   */
  BareDriver(GpuState state, int pinnedSize) {
    this.state = state;
    this.pinnedSize = pinnedSize;
    int flags = JCudaDriver.CU_MEMHOSTALLOC_PORTABLE | JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP;
    GpuMemory.check(() -> JCudaDriver.cuMemAlloc(other, state.size()));
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(pinned, pinnedSize, flags));
    GpuMemory.check(
        () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
  }

  /** All of the pinned memory. */
  ByteBuffer pinned() {
    return pinned.getByteBuffer(0, pinnedSize);
  }

  private long timed(Runnable work) {
    GpuMemory.use(0);
    long start = System.nanoTime();
    work.run();
    GpuMemory.check(() -> JCudaDriver.cuStreamSynchronize(stream));
    return System.nanoTime() - start;
  }

  private Pointer host(long at) {
    return pinned.withByteOffset(at % pinnedSize);
  }

  /** Nanoseconds in which all of the state is copied to the host. */
  long out() {
    return timed(
        () -> {
          for (long at = 0; at < state.size(); at += PIECE) {
            CUdeviceptr from = state.at(at);
            Pointer to = host(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyDtoHAsync(to, from, PIECE, stream));
          }
        });
  }

  /** Nanoseconds in which as much is copied to the device. */
  long in() {
    return timed(
        () -> {
          for (long at = 0; at < state.size(); at += PIECE) {
            CUdeviceptr to = other.withByteOffset(at);
            Pointer from = host(at);
            GpuMemory.check(() -> JCudaDriver.cuMemcpyHtoDAsync(to, from, PIECE, stream));
          }
        });
  }

  /** Nanoseconds in which all of it is copied within the device. */
  long within() {
    return timed(
        () ->
            GpuMemory.check(
                () -> JCudaDriver.cuMemcpyDtoDAsync(other, state.pointer(), state.size(), stream)));
  }

  @Override
  public void close() {
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuStreamDestroy(stream));
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(pinned));
    GpuMemory.check(() -> JCudaDriver.cuMemFree(other));
  }
}
