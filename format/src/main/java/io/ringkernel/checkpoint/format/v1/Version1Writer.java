package io.ringkernel.checkpoint.format.v1;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import io.ringkernel.checkpoint.format.wire.Workbench;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;

/** Being written. */
public final class Version1Writer {
  private Version1Writer() {}

  public static Flux<OwnedBuffer> encode(
      Checkpoint checkpoint,
      EncodeOptions options,
      Workbench workbench,
      Consumer<EncodedFile> written) {
    return Flux.error(new UnsupportedOperationException("being written"));
  }
}
