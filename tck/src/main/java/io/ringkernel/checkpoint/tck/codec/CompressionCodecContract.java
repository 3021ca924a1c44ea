package io.ringkernel.checkpoint.tck.codec;

import org.junit.jupiter.api.Nested;

/** The whole contract of a codec: every topic, for one provider. */
public abstract class CompressionCodecContract implements CodecUnderTest {
  /** For the codec's test class. */
  protected CompressionCodecContract() {}

  @Nested
  class CodecIdentity extends CodecIdentityContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class BlockRoundTrip extends BlockRoundTripContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class BlockBuffers extends BlockBuffersContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class BlockCorruption extends BlockCorruptionContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class FrameRoundTrip extends FrameRoundTripContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class FrameStream extends FrameStreamContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class FrameCorruption extends FrameCorruptionContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class CodecDeterminism extends CodecDeterminismContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class CodecLifecycle extends CodecLifecycleContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }

  @Nested
  class CodecConcurrency extends CodecConcurrencyContract {
    @Override
    protected CodecUnderTest underTest() {
      return CompressionCodecContract.this;
    }
  }
}
