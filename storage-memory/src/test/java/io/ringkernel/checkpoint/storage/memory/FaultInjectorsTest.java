package io.ringkernel.checkpoint.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import io.ringkernel.checkpoint.tck.fault.CorruptingStorage;
import io.ringkernel.checkpoint.tck.fault.FailingStorage;
import io.ringkernel.checkpoint.tck.fault.FailingStorage.Call;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The kit's faulty storages do what they say, and nothing else. */
class FaultInjectorsTest {
  private static final byte[] BYTES = DeterministicBytes.array(1, 1_000_000);
  private final StorageException fault = new StorageException("by design", true, null);

  private final TrackedBuffers buffers = new TrackedBuffers();
  private final CheckpointStorage memory = CheckpointStorages.open("memory:");
  private final FailingStorage failing = FailingStorage.around(memory);
  private final CorruptingStorage corrupting = CorruptingStorage.around(memory);

  @AfterEach
  void everythingLentIsBack() {
    failing.close().block(Patience.LIMIT);
    assertThat(buffers.open()).isZero();
  }

  private Throwable fault() {
    return fault;
  }

  private Mono<StoredObject> saving(CheckpointStorage storage, SaveOptions options) {
    return storage.save("a", buffers.pieces(BYTES, 30_000), options);
  }

  private static byte[] read(CheckpointStorage storage, Range range, ByteArrayOutputStream seen) {
    return storage
        .read("a", range, null)
        .flatMapMany(ObjectRead::bytes)
        .doOnNext(
            owned -> {
              try (OwnedBuffer buffer = owned) {
                byte[] part = new byte[buffer.buffer().remaining()];
                buffer.buffer().get(part);
                seen.writeBytes(part);
              }
            })
        .then(Mono.fromSupplier(seen::toByteArray))
        .block(Patience.LIMIT);
  }

  private static byte[] read(CheckpointStorage storage, Range range) {
    return read(storage, range, new ByteArrayOutputStream());
  }

  @Test
  void failsTheCallThatItIsToldToFailAndOnlyThat() {
    failing.fail(Call.SAVE, 2, this::fault).fail(Call.STAT, 1, this::fault);
    saving(failing, SaveOptions.replace()).block(Patience.LIMIT);
    Mono<StoredObject> second = saving(failing, SaveOptions.replace());
    assertThat(catchThrowable(() -> second.block(Patience.LIMIT))).isSameAs(fault);
    assertThat(second.block(Patience.LIMIT)).isNotNull();
    assertThat(catchThrowable(() -> failing.stat("a").block(Patience.LIMIT))).isSameAs(fault);
    assertThat(failing.calls(Call.SAVE)).isEqualTo(3);
    assertThat(failing.calls(Call.READ)).isZero();
  }

  @Test
  void losesAResponseOfACallThatTookEffect() {
    failing.loseResponse(Call.SAVE, 1, this::fault).loseResponse(Call.DELETE, 1, this::fault);
    Mono<StoredObject> saving = saving(failing, SaveOptions.onlyIfAbsent());
    assertThat(catchThrowable(() -> saving.block(Patience.LIMIT))).isSameAs(fault);
    assertThat(catchThrowable(() -> saving.block(Patience.LIMIT)))
        .isInstanceOf(AlreadyExistsException.class);
    assertThat(catchThrowable(() -> failing.delete("a").block(Patience.LIMIT))).isSameAs(fault);
    assertThat(memory.exists("a").block(Patience.LIMIT)).isFalse();
  }

  @Test
  void breaksStreamsOffAtAByte() {
    failing
        .breakOff(Call.SAVE, 1, 100_001, this::fault)
        .breakOff(Call.READ, 1, 300_000, this::fault);
    Mono<StoredObject> saving = saving(failing, SaveOptions.replace());
    assertThat(catchThrowable(() -> saving.block(Patience.LIMIT))).isSameAs(fault);
    assertThat(memory.exists("a").block(Patience.LIMIT)).isFalse();
    saving.block(Patience.LIMIT);
    ByteArrayOutputStream seen = new ByteArrayOutputStream();
    assertThat(catchThrowable(() -> read(failing, Range.all(), seen))).isSameAs(fault);
    assertThat(seen.toByteArray()).isEqualTo(Arrays.copyOf(BYTES, 300_000));
    assertThat(read(failing, Range.all())).isEqualTo(BYTES);
  }

  @Test
  void forgetsFailuresWhenHealed() {
    failing.fail(Call.LIST, 1, this::fault);
    failing.heal();
    assertThat(failing.list("").collectList().block(Patience.LIMIT)).isEmpty();
  }

  @Test
  void flipsBitsWhereItIsToldTo() {
    saving(memory, SaveOptions.replace()).block(Patience.LIMIT);
    corrupting.flip("a", 700_000, 0x81).flip("a", 0, 1);
    byte[] expected = BYTES.clone();
    expected[700_000] ^= (byte) 0x81;
    expected[0] ^= 1;
    assertThat(read(corrupting, Range.all())).isEqualTo(expected);
    assertThat(read(corrupting, Range.of(699_999, 3)))
        .isEqualTo(Arrays.copyOfRange(expected, 699_999, 700_002));
    assertThat(read(corrupting, Range.of(1, 600_000)))
        .isEqualTo(Arrays.copyOfRange(BYTES, 1, 600_001));
    assertThat(read(memory, Range.all())).isEqualTo(BYTES);
    corrupting.heal();
    assertThat(read(corrupting, Range.all())).isEqualTo(BYTES);
  }

  @Test
  void cutsObjectsOffEverywhere() {
    StoredObject saved = saving(memory, SaveOptions.replace()).block(Patience.LIMIT);
    corrupting.truncate("a", 1000);
    assertThat(read(corrupting, Range.all())).isEqualTo(Arrays.copyOf(BYTES, 1000));
    assertThat(read(corrupting, Range.suffix(10))).isEqualTo(Arrays.copyOfRange(BYTES, 990, 1000));
    StoredObject seen = corrupting.stat("a").block(Patience.LIMIT);
    assertThat(seen.size()).isEqualTo(1000);
    assertThat(seen.version()).isEqualTo(saved.version());
    assertThat(corrupting.list("").collectList().block(Patience.LIMIT)).containsExactly(seen);
  }
}
