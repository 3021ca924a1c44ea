package io.ringkernel.checkpoint.core.host;

import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.tck.kernel.DescribedKernel;
import java.nio.ByteBuffer;
import java.util.List;

/** Host memory in two pieces, one on the heap and one not. */
final class HostBytes implements DescribedKernel.Memory {
  private final ByteBuffer first;
  private final ByteBuffer second;

  HostBytes(int size) {
    first = ByteBuffer.allocate(size / 2);
    second = ByteBuffer.allocateDirect(size - size / 2);
  }

  @Override
  public KernelMemory memory() {
    return new KernelMemory.Host(List.of(first, second));
  }

  @Override
  public void write(int offset, ByteBuffer bytes) {
    int here = Math.max(0, Math.min(bytes.remaining(), first.capacity() - offset));
    int there = bytes.remaining() - here;
    first.put(Math.min(offset, first.capacity()), bytes, bytes.position(), here);
    second.put(Math.max(0, offset - first.capacity()), bytes, bytes.position() + here, there);
  }

  @Override
  public void read(int offset, ByteBuffer target) {
    int here = Math.max(0, Math.min(target.remaining(), first.capacity() - offset));
    target.put(first.slice(Math.min(offset, first.capacity()), here));
    target.put(second.slice(Math.max(0, offset - first.capacity()), target.remaining()));
  }

  /** Left to the garbage collector. */
  @Override
  public void close() {}
}
