package io.ringkernel.checkpoint.gpu.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** The kernel of capture.cu, loaded into a context from its PTX. */
final class CaptureCode {
  /** Made by src/main/cuda/generate-ptx. */
  static final String PTX = "capture.ptx";

  private CaptureCode() {}

  /**
   * Loads it; the driver assembles it for its device.
   *
   * @param owner what unloads it
   */
  static CUfunction load(NativeStack owner) {
    CUmodule module = Driver.load(ptx());
    owner.own(() -> Driver.unload(module));
    return Driver.function(module, "rkcp_capture_state");
  }

  private static byte[] ptx() {
    try (InputStream resource = CaptureCode.class.getResourceAsStream(PTX)) {
      if (resource == null) {
        throw new IllegalStateException("the resource " + PTX + " is missing from gpu-cuda's jar");
      }
      return resource.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
