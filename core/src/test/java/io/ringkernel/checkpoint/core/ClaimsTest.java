package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.tck.Patience;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;

class ClaimsTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  private final ScriptedStorage storage = new ScriptedStorage("memory:");
  private final Checkpointer checkpointer = CODEC.on(storage);
  private final StillKernel kernel = new StillKernel("fdtd", 1);

  @BeforeEach
  void hangClaims() {
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(".rkcp/heads/"),
        ScriptedStorage.Fault.HANG);
  }

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @Test
  void makesAClaimAnewThatNobodyWaitedForAnyMore() throws InterruptedException {
    Disposable save = checkpointer.save(kernel).subscribe();
    assertThat(storage.awaitHanging()).isTrue();

    save.dispose();
    Patience.until("the claim is cancelled", () -> storage.hangs.get() == 0);
    storage.heal();

    assertThat(checkpointer.save(kernel).block(LONG).sequence()).isEqualTo(1);
  }

  @Test
  void goesOnWithAClaimThatSomebodyStillWaitsFor() throws InterruptedException {
    Disposable first = checkpointer.save(kernel).subscribe();
    assertThat(storage.awaitHanging()).isTrue();
    Disposable second = checkpointer.save(kernel).subscribe();

    first.dispose();
    assertThat(storage.hangs).hasValue(1);
    second.dispose();
    Patience.until("the claim is cancelled", () -> storage.hangs.get() == 0);
  }
}
