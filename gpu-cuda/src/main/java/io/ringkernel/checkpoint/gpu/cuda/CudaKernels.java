package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.kernel.AdaptedKernel;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.adapter.Turn;
import io.ringkernel.checkpoint.kernel.adapter.Wholeness;
import java.time.Duration;
import java.util.Optional;

/** Makes kernels of descriptions: everything they need of their device is made here, once. */
final class CudaKernels {
  private CudaKernels() {}

  static AdaptedKernel adapt(KernelDescriptor descriptor) {
    Failures failures = new Failures(descriptor.kernelId());
    Optional<String> missing = DriverLibrary.missing();
    if (missing.isPresent()) {
      throw failures.refused(KernelException.Phase.ADAPT, missing.get());
    }
    CudaOptions options = CudaOptions.of(descriptor);
    State state = State.of(descriptor, failures);
    try {
      Duration guard = DriverThreads.guard(longest(options));
      Context context = context(options, guard);
      Device device = open(descriptor, options, state, context, guard);
      return new DeviceKernel(
          new StateAccess(
              descriptor,
              options,
              device,
              failures,
              new HookedHalt(descriptor, options, device, failures),
              new Wholeness(),
              new Turn(descriptor.kernelId(), options.waits())));
    } catch (DriverException | StuckDriverException | IllegalStateException e) {
      throw failures.of(KernelException.Phase.ADAPT, "it can't be adapted", e);
    }
  }

  private static Context context(CudaOptions options, Duration limit) {
    if (options.ownContext()) {
      return Startup.ask(limit, () -> Context.primary(options.device()), Context::release);
    }
    int unused = Startup.ask(limit, Driver::deviceCount, late -> {});
    // A thread's context it alone can ask for; that waits for nothing.
    return Context.current();
  }

  private static Device open(
      KernelDescriptor descriptor,
      CudaOptions options,
      State state,
      Context context,
      Duration guard) {
    // One for each pinned buffer, and one for what is done within the device.
    int count = 2 * options.ringBuffers() + 2;
    Deadlines deadlines = new Deadlines(shortest(options));
    String name = "rkcp-cuda-" + descriptor.kernelId();
    DriverThreads threads = new DriverThreads(name, count, context.handle(), guard, deadlines);
    return threads.make(
        attempt -> new Device(descriptor, options, state, context, threads, attempt::enter),
        (attempt, unwanted) -> {
          DriverException unused = unwanted.close(attempt::enter);
        });
  }

  private static Duration shortest(CudaOptions options) {
    return options.timeout().compareTo(options.quiesceTimeout()) < 0
        ? options.timeout()
        : options.quiesceTimeout();
  }

  private static Duration longest(CudaOptions options) {
    return options.timeout().compareTo(options.quiesceTimeout()) > 0
        ? options.timeout()
        : options.quiesceTimeout();
  }
}
