package io.ringkernel.checkpoint.gpu.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** What tools/gpu-bundle runs on a machine with a GPU: says what it runs on, and runs the tests. */
public final class GpuTests {
  private GpuTests() {}

  /**
   * Ends with 1 when there is no device or a test fails.
   *
   * @param arguments nothing, or {@code rates} and the MiB of state to measure with
   */
  public static void main(String[] arguments) {
    Optional<String> unavailable = new CudaKernelAdapterProvider().unavailable();
    if (unavailable.isPresent()) {
      System.err.println("kernel adapter 'cuda' can't be used: " + unavailable.get());
      System.exit(1);
    }
    System.out.printf(
        "device %s, driver %d, %s%n",
        deviceName(), Driver.version(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    if (arguments.length == 2 && arguments[0].equals("rates")) {
      GpuRates.print(Integer.parseInt(arguments[1]));
      System.exit(0);
    }
    System.exit(run() ? 0 : 1);
  }

  private static String deviceName() {
    CUdevice device = Driver.device(0);
    byte[] name = new byte[256];
    GpuMemory.check(() -> JCudaDriver.cuDeviceGetName(name, name.length, device));
    return new String(name, StandardCharsets.UTF_8).trim();
  }

  private static boolean run() {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(RealDeviceTest.class))
            .build();
    Launcher launcher = LauncherFactory.create();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    launcher.execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 20);
    return summary.getTestsSucceededCount() > 0 && summary.getTotalFailureCount() == 0;
  }
}
