package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.format.Compression;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A newest checkpoint with one bit that is not as it was written, wherever that is. */
class FlippedBitTest {
  private static final String KERNEL = "fdtd";

  @RegisterExtension final StoreFixture store = new StoreFixture();
  private final ScriptedStorage storage = store.storage;

  @ParameterizedTest
  @CsvSource({"1, none", "1, zstd", "2, none", "2, zstd"})
  void isPassedOverWhereverTheBitIs(int version, String codec) {
    Checkpointer checkpointer =
        Checkpointer.builder(storage)
            .parallelism(1)
            .formatVersion(version)
            .compression(codec.equals("none") ? Compression.NONE : Compression.of(codec))
            .build();
    checkpointer.save("older", TestStates.of(KERNEL, 1)).block(LONG);
    SaveReceipt newest =
        checkpointer
            .save(TestStates.of(KERNEL, 2), SaveRequest.defaults().named("newest"))
            .block(LONG);
    String object = StoreNames.object(newest.objectId());
    byte[] whole = BareFiles.stored(storage, object);
    StillKernel kernel = new StillKernel(KERNEL, 0);
    for (int at = 0; at < whole.length; at += step(at, whole.length)) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      BareFiles.put(storage, object, flipped);

      RestoreReceipt receipt = checkpointer.restoreLatest(kernel).block(LONG);

      assertThat(receipt.checkpoint().name()).as("byte %s", at).isEqualTo("older");
      assertThat(receipt.skipped()).extracting(SkippedCheckpoint::name).containsExactly("newest");
    }
    checkpointer.close().block(LONG);
  }

  /** Every byte of what is not state, and some of that. */
  private static int step(int at, int length) {
    return at < 400 || at > length - 600 ? 1 : 997;
  }
}
