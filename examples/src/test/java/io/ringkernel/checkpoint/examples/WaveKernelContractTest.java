package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.tck.kernel.KernelContract;
import io.ringkernel.checkpoint.tck.kernel.KernelUnderTest;

class WaveKernelContractTest extends KernelContract {
  @Override
  protected KernelUnderTest start() {
    return new WaveUnderTest();
  }
}
