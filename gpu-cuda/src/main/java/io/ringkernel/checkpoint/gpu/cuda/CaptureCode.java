package io.ringkernel.checkpoint.gpu.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;

/**
 * The kernel of capture.cu, loaded into a context from its PTX.
 *
 * @param function to launch
 * @param room groups of it that surely run at once, beside what stays on the device
 */
record CaptureCode(CUfunction function, int room) {
  /** Made by src/main/cuda/generate-ptx. */
  static final String PTX = "capture.ptx";

  /** Threads of a group: the most that its launch bounds allow. */
  static final int THREADS = 256;

  /**
   * Loads it; the driver assembles it for its device, and tells how many groups a multiprocessor
   * holds. Nothing is known of where the groups that stay are, so each is taken to fill a
   * multiprocessor: as many as are left are free.
   *
   * @param owner what unloads it
   * @param multiprocessors of the device
   * @param resident groups of other kernels that stay on the device
   */
  static CaptureCode load(NativeStack owner, int multiprocessors, int resident) {
    CUmodule module = Driver.load(ptx());
    owner.own(() -> Driver.unload(module));
    CUfunction function = Driver.function(module, "rkcp_capture_state");
    int free = Math.max(0, multiprocessors - resident);
    return new CaptureCode(function, free * Driver.groupsPerMultiprocessor(function, THREADS));
  }

  /**
   * A launch of it.
   *
   * @param blocks of the state
   * @param table device address of what to do
   */
  Runnable launch(long blocks, CUstream stream, long table) {
    long warps = THREADS / 32;
    int groups = (int) Math.min((blocks + warps - 1) / warps, room);
    return Driver.launch(function, groups, THREADS, stream, table);
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
