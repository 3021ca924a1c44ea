package io.ringkernel.checkpoint.gpu.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
  private static final int WARM_UP = 200;
  private static final int ROUNDS = 15;

  private GpuTests() {}

  /**
   * Ends with 1 when there is no device or a test fails.
   *
   * @param arguments nothing for the tests, or {@code budgets}, a store's URI, a file for the
   *     figures as JSON, and if other than usual the MiB of state to measure with and to save
   */
  public static void main(String[] arguments) throws IOException {
    Optional<String> unavailable = new CudaKernelAdapterProvider().unavailable();
    if (unavailable.isPresent()) {
      System.err.println("kernel adapter 'cuda' can't be used: " + unavailable.get());
      System.exit(1);
    }
    System.out.printf(
        "device %s, driver %d, %s%n",
        deviceName(), Driver.version(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    if (arguments.length >= 3 && arguments[0].equals("budgets")) {
      budgets(arguments);
      System.exit(0);
    }
    System.exit(run() ? 0 : 1);
  }

  /** The figures are for people to judge by: a budget that is missed is said, and ends nothing. */
  private static void budgets(String[] arguments) throws IOException {
    long state = mebibytes(arguments, 3, 4096);
    long saved = mebibytes(arguments, 4, 8192);
    List<Budget> all =
        GpuBudgets.measure(new GpuBudgets.Settings(state, saved, arguments[1], WARM_UP, ROUNDS));
    System.out.print(Budget.table(all));
    String json =
        String.format(
            "{\"device\": \"%s\", \"driver\": %d, \"date\": \"%s\", \"state_bytes\": %d,"
                + " \"saved_bytes\": %d, \"budgets\": [%n  %s]}%n",
            deviceName(),
            Driver.version(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            state,
            saved,
            all.stream().map(Budget::json).collect(Collectors.joining(",\n  ")));
    Files.writeString(Path.of(arguments[2]), json);
    System.out.println("figures in " + arguments[2]);
  }

  private static long mebibytes(String[] arguments, int index, long usual) {
    return (arguments.length > index ? Long.parseLong(arguments[index]) : usual) << 20;
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
