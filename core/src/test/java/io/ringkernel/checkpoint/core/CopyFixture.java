package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two scripted stores, to copy from the one to the other, and a check that no buffer is open. */
final class CopyFixture implements AfterEachCallback {
  final ScriptedStorage source = new ScriptedStorage("memory:" + UUID.randomUUID());
  final ScriptedStorage target;
  final Checkpointer from;
  final Checkpointer to;

  CopyFixture(SharedCodec codec, String targetUri) {
    target = new ScriptedStorage(targetUri);
    from = codec.on(source);
    to = codec.on(target);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    assertThat(source.openBuffers).hasValue(0);
    assertThat(target.openBuffers).hasValue(0);
    from.close().block(LONG);
    to.close().block(LONG);
    source.close().block(LONG);
    target.close().block(LONG);
  }
}
