package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.FarReceipt.Outcome;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.tck.Patience;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A near tier and a far one, both scripted, and all that the checkpointers on them tell. */
final class TierFixture {
  final ScriptedStorage near;
  final ScriptedStorage far;
  final List<FarReceipt> told = new CopyOnWriteArrayList<>();
  private final SharedCodec codec;
  private final List<Checkpointer> opened = new ArrayList<>();

  TierFixture(SharedCodec codec, String nearUri) {
    this(codec, nearUri, "memory:" + UUID.randomUUID());
  }

  TierFixture(SharedCodec codec, String nearUri, String farUri) {
    this.codec = codec;
    this.near = new ScriptedStorage(nearUri);
    this.far = new ScriptedStorage(farUri);
  }

  /** The two tiers, with short pauses, and nothing finished at the end. */
  TieredStorage storage() {
    return storage(near);
  }

  /** The same with another near tier. */
  TieredStorage storage(ScriptedStorage nearTier) {
    return TieredStorage.of(nearTier, far)
        .retry(Duration.ofMillis(1), Duration.ofMillis(5))
        .finishWithin(Duration.ZERO);
  }

  Checkpointer open() {
    return open(storage());
  }

  /** On tiers; what it tells is kept. */
  Checkpointer open(TieredStorage storage) {
    Checkpointer checkpointer = codec.on(storage);
    tiers(checkpointer).receipts().subscribe(told::add);
    opened.add(checkpointer);
    return checkpointer;
  }

  /** A store by itself, as it would be opened without the other. */
  Checkpointer alone(ScriptedStorage storage) {
    Checkpointer checkpointer = codec.on(storage);
    opened.add(checkpointer);
    return checkpointer;
  }

  static Tiers tiers(Checkpointer checkpointer) {
    return checkpointer.tiers().orElseThrow();
  }

  static void settle(Checkpointer checkpointer) {
    tiers(checkpointer).settled().block(LONG);
  }

  List<FarReceipt> outcomes(Outcome outcome) {
    return told.stream().filter(receipt -> receipt.outcome() == outcome).toList();
  }

  /** The same when so many were told, which may be a little after they happened. */
  List<FarReceipt> outcomes(Outcome outcome, int count) {
    Patience.until("it was told", () -> outcomes(outcome).size() >= count);
    return outcomes(outcome);
  }

  void breakFar() {
    far.failWhen(call -> true, Fault.FAIL);
  }

  /** Closes all, and looks that no buffer is open then. */
  void close() {
    far.heal();
    opened.forEach(checkpointer -> checkpointer.close().block(LONG));
    assertThat(far.openBuffers).hasValue(0);
    assertThat(near.openBuffers).hasValue(0);
    near.close().block(LONG);
    far.close().block(LONG);
  }
}
