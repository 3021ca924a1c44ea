package io.ringkernel.checkpoint.gpu.cuda;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
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
   *     figures as JSON, and if other than usual the MiB of states to measure with (several with
   *     commas between them) and the MiB to save
   */
  public static void main(String[] arguments) {
    Optional<String> unavailable = new CudaKernelAdapterProvider().unavailable();
    if (unavailable.isPresent()) {
      System.err.println("kernel adapter 'cuda' can't be used: " + unavailable.get());
      System.exit(1);
    }
    System.out.printf(
        "device %s, driver %s (CUDA %d), %s%n",
        deviceName(), driverBuild(), Driver.version(), now());
    if (arguments.length >= 3 && arguments[0].equals("budgets")) {
      System.exit(budgets(arguments) ? 0 : 1);
    }
    System.exit(run() ? 0 : 1);
  }

  /** The figures are for people to judge by: a budget that is missed is said, and ends nothing. */
  private static boolean budgets(String[] arguments) {
    List<Long> states = mebibytes(arguments, 3, "4096,1024");
    long saved = mebibytes(arguments, 4, "8192").get(0);
    String machine =
        String.format(
            "\"device\": \"%s\", \"driver\": %d, \"driver_build\": \"%s\", \"processors\": %d,"
                + " \"java\": \"%s\", \"date\": \"%s\"",
            deviceName(),
            Driver.version(),
            driverBuild(),
            Runtime.getRuntime().availableProcessors(),
            Runtime.version(),
            now());
    BudgetReport report = new BudgetReport(Path.of(arguments[2]), machine, System.out);
    GpuBudgets.measure(
        new GpuBudgets.Settings(states, saved, arguments[1], WARM_UP, ROUNDS), report);
    boolean whole = report.finish();
    System.out.println("figures in " + arguments[2]);
    return whole;
  }

  private static List<Long> mebibytes(String[] arguments, int index, String usual) {
    String sizes = arguments.length > index ? arguments[index] : usual;
    return Stream.of(sizes.split(",")).map(size -> Long.parseLong(size) << 20).toList();
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Of the kernel's module, as NVIDIA names its drivers. */
  private static String driverBuild() {
    try {
      String text = Files.readString(Path.of("/proc/driver/nvidia/version"));
      Matcher build = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?").matcher(text);
      return build.find() ? build.group() : "unknown";
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String deviceName() {
    CUdevice device = Driver.device(0);
    byte[] name = new byte[256];
    GpuMemory.check(() -> JCudaDriver.cuDeviceGetName(name, name.length, device));
    return new String(name, StandardCharsets.UTF_8).trim();
  }

  /** Those that are for a device only, then those that hold on whatever driver there is. */
  private static boolean run() {
    StandIn.doWithout();
    boolean onDevices = run("gpu");
    boolean onAnyDriver = run(OnStandIn.ANY_DRIVER);
    return onDevices && onAnyDriver;
  }

  private static boolean run(String tag) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectPackage(GpuTests.class.getPackageName()))
            .filters(TagFilter.includeTags(tag))
            .configurationParameter(
                "junit.jupiter.execution.timeout.testable.method.default", "60 s")
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    System.out.printf(
        "tests '%s': %d of %d succeeded, %d skipped, in %d ms%n",
        tag,
        summary.getTestsSucceededCount(),
        summary.getTestsFoundCount(),
        summary.getTestsSkippedCount() + summary.getTestsAbortedCount(),
        summary.getTimeFinished() - summary.getTimeStarted());
    summary.printFailuresTo(new PrintWriter(System.out, true, StandardCharsets.UTF_8), 20);
    return summary.getTestsSucceededCount() == summary.getTestsFoundCount()
        && summary.getTestsFoundCount() > 0
        && summary.getTotalFailureCount() == 0;
  }
}
