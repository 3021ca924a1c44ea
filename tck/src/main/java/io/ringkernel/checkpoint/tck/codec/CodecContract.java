package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import org.junit.jupiter.api.AfterEach;

/** What every topic of the contract shares: the codec under test and the leak check. */
public abstract class CodecContract {
  /** For the topics. */
  protected CodecContract() {}

  /** The codec under test and what it declares; may be a new object for each call. */
  protected abstract CodecUnderTest underTest();

  final CompressionCodec codec() {
    return underTest().provider().codec();
  }

  @AfterEach
  final void leavesNothingOpen() {
    assertThat(underTest().openResources()).as("resources left open by the test").isZero();
  }
}
