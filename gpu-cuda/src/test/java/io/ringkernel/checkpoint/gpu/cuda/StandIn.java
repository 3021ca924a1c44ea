package io.ringkernel.checkpoint.gpu.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The driver stand-in of src/test/cuda: built by gcc, loaded in place of libcuda.so.1 before JCuda
 * looks for it, and what it counts.
 */
final class StandIn {
  /** What is counted while it lives; as in standin.h. */
  enum Kind {
    CONTEXT(0),
    MODULE(1),
    STREAM(2),
    EVENT(3),
    DEVICE_MEMORY(4),
    HOST_MEMORY(5);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  static final int MULTIPROCESSORS = 4;
  static final int LAUNCH_FAILED = 719;

  private static final String SOURCES = System.getProperty("rkcp.cuda.sources", "src");
  private static final String BUILT = System.getProperty("rkcp.cuda.built", "target/standin");

  private static boolean loaded;
  private static boolean unwanted;

  private StandIn() {}

  /** From now on tests run on the machine's own driver. */
  static synchronized void doWithout() {
    unwanted = true;
  }

  /** Whether tests run on it, if it can be built. */
  static synchronized boolean isWanted() {
    return !unwanted;
  }

  /** Whether there is a compiler to build it with. */
  static boolean canBeBuilt() {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
  }

  /** Builds it if it is older than its sources, and loads it; once. */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    try {
      System.load(build().toAbsolutePath().toString());
      loaded = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path build() throws IOException {
    run(List.of(Path.of(SOURCES, "test", "cuda", "build-standin").toString(), BUILT));
    return Path.of(BUILT, "libcuda.so.1");
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IllegalStateException("the driver stand-in does not compile:\n" + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the stand-in was compiled", e);
    }
  }

  /** How many objects of a kind live, on all devices. */
  static int live(Kind kind) {
    return live(kind.code);
  }

  /** The name of the call that was made to fail; empty when none was. */
  static String failedCallName() {
    return name(failedCall());
  }

  /** The names of some of the first 4096 calls since {@link #failAt}, counted as {@link #calls}. */
  static List<String> callNames(long from, long to) {
    return LongStream.range(from, to).mapToObj(at -> name(callAt(at))).toList();
  }

  private static String name(int call) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; call >= 0 && callNameByte(call, i) != 0; i++) {
      name.append((char) callNameByte(call, i));
    }
    return name.toString();
  }

  /** Counts calls anew and has the {@code call}-th from now answer {@code code}; 0 for none. */
  static native void failAt(long call, int code);

  /** The same, and the device of the context that it is made in is lost with it. */
  static native void loseAt(long call, int code);

  /** Whether it is what tests run on: else what it counts can't be asked. */
  static synchronized boolean isInUse() {
    return loaded;
  }

  /** Makes a test's own calls, which are not counted and do not fail. */
  static void uncounted(Runnable calls) {
    if (!isInUse()) {
      calls.run();
      return;
    }
    uncounted(1);
    try {
      calls.run();
    } finally {
      uncounted(0);
    }
  }

  private static native void uncounted(int on);

  /** Calls since {@link #failAt}; one that asks whether something is done counts when it is. */
  static native long calls();

  private static native int callAt(long at);

  private static native int failedCall();

  private static native int callNameByte(int call, int at);

  /**
   * From now on a function of the driver does not return.
   *
   * @param name of the function; empty to let all return
   */
  static void stick(String name) {
    stick(
        IntStream.range(0, callKinds())
            .filter(call -> name(call).equals(name))
            .findFirst()
            .orElse(-1));
  }

  private static native int callKinds();

  private static native void stick(int call);

  private static native int live(int kind);

  /** Holds all asynchronous copies up, or lets them go on. */
  static native void hold(int hold);

  /** Keeps kernels from seeing what the host writes into their handshakes, or lets them. */
  static native void deaf(int deaf);

  /** From now on every call on this device's context answers {@code code}, until it is released. */
  static native void lose(int ordinal, int code);

  /** The code that every call on this device's context answers; 0 when it is not lost. */
  static native int lost(int ordinal);

  /** How much memory a device has. */
  static native void memory(int ordinal, long total);

  static native long memoryUsed(int ordinal);

  /** Asynchronous copies so far from or to host memory that was not pinned. */
  static native int pageableCopies();

  /** The most pinned memory since this was last asked. */
  static native long pinnedPeak();

  /** How many thread blocks of any function a multiprocessor has room for; 1 unless set. */
  static native void occupancy(int groups);

  /** Bytes copied asynchronously into devices since this was last asked. */
  static long copiedIn() {
    return copied(0);
  }

  /** Bytes copied asynchronously out of devices since this was last asked. */
  static long copiedOut() {
    return copied(1);
  }

  /** Bytes copied asynchronously within devices since this was last asked. */
  static long copiedWithin() {
    return copied(2);
  }

  private static native long copied(int how);

  /** Launches so far. */
  static native int launches();

  /** Thread blocks of the newest launch. */
  static native int groupsLaunched();
}
