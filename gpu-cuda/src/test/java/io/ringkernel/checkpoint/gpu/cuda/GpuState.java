package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** A large state on the first device, of which no two blocks are the same. */
final class GpuState implements AutoCloseable {
  /** The usual block of a checkpoint. */
  static final int BLOCK = 65_536;

  static final int PIECE = 16 << 20;

  private final CUdeviceptr memory = new CUdeviceptr();
  private final long size;
  private long stamp;

  /**
   * @param size bytes, a multiple of 16 MiB
   */
  GpuState(long size) {
    this.size = size;
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuMemAlloc(memory, size));
    ByteBuffer piece = ByteBuffer.wrap(Bytes.random(PIECE, 1)).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < size; at += PIECE) {
      for (int block = 0; block < PIECE; block += BLOCK) {
        piece.putLong(block, stamp++);
      }
      write(at, piece.array(), PIECE);
    }
  }

  private void write(long at, byte[] bytes, int length) {
    CUdeviceptr to = at(at);
    GpuMemory.check(() -> JCudaDriver.cuMemcpyHtoD(to, Pointer.to(bytes), length));
  }

  /** Where a byte is. */
  CUdeviceptr at(long offset) {
    return memory.withByteOffset(offset);
  }

  CUdeviceptr pointer() {
    return memory;
  }

  KernelMemory.Device memory() {
    return CudaMemory.of(memory, size);
  }

  long size() {
    return size;
  }

  /** Gives every so many-th block bytes that no block had yet. */
  void changeEvery(int blocks) {
    GpuMemory.use(0);
    byte[] block = Bytes.random(BLOCK, stamp);
    for (long at = 0; at < size; at += (long) blocks * BLOCK) {
      ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putLong(0, stamp++);
      write(at, block, BLOCK);
    }
  }

  @Override
  public void close() {
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuMemFree(memory));
  }
}
