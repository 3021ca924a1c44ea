package io.ringkernel.checkpoint.storage.gcs;

import java.lang.reflect.Method;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * What an emulator can't answer, and is proven on the server of this process: declared here by
 * name, and only as long as the emulator is seen not to do it.
 */
final class EmulatorGaps implements InvocationInterceptor {
  /** fake-gcs-server, up to 1.56.1 at least, deletes whatever is there. */
  private static final String CONDITION_OF_A_DELETION = "refusesToRemoveAnotherVersionThanExpected";

  @Override
  public void interceptTestMethod(
      Invocation<Void> invocation,
      ReflectiveInvocationContext<Method> method,
      ExtensionContext context)
      throws Throwable {
    if (method.getExecutable().getName().equals(CONDITION_OF_A_DELETION)) {
      Assumptions.assumeTrue(
          Emulator.honoursConditionsOfDeletions(EmulatorContractTest.BUCKET),
          "a declared gap: this emulator ignores ifGenerationMatch of a deletion;"
              + " proven on the server of this process alone");
    }
    invocation.proceed();
  }
}
