package io.ringkernel.checkpoint.gpu.cuda;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.function.Supplier;
import jcuda.driver.CUdeviceptr;
import org.jspecify.annotations.Nullable;

/**
 * The words that host and kernel share, {@code rkcp_handshake} of rkcp/handshake.cuh: pinned memory
 * that the device maps. Each line of 64 bytes has one writer. Both release the number of a request
 * last, and acquire it first.
 */
final class HandshakeMemory {
  static final int QUIESCE = 1;
  static final int CAPTURE = 2;
  static final int RESUME = 3;
  static final int RELOAD = 4;
  static final int STOP = 5;

  static final int SIZE = 192;

  /** {@code rkcp_team}: how the kernel's blocks find together, in device memory. */
  private static final int TEAM_SIZE = 64;

  /** "RKCPHAND" as little-endian bytes. */
  private static final long MAGIC = 0x444e_4148_5043_4b52L;

  private static final int VERSION = 1;

  private static final int MAGIC_AT = 0;
  private static final int VERSION_AT = 8;
  private static final int SIZE_AT = 12;
  private static final int TEAM_AT = 16;
  private static final int REQUEST_AT = 64;
  private static final int ASK_AT = 72;
  private static final int ARGUMENT_AT = 80;
  private static final int ACKNOWLEDGED_AT = 128;
  private static final int STEP_AT = 136;
  private static final int EPOCH_AT = 144;
  private static final int PHASE_AT = 152;
  private static final int ERROR_AT = 160;

  private static final Handshake.Phase[] PHASES = Handshake.Phase.values();

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final NativeStack owner;
  private final ByteBuffer words;
  private final CUdeviceptr mapped;

  private HandshakeMemory(NativeStack owner, ByteBuffer words, CUdeviceptr mapped) {
    this.owner = owner;
    this.words = words;
    this.mapped = mapped;
  }

  /** Allocates them in the current context, ready for a first launch. */
  static HandshakeMemory allocate() {
    NativeStack owner = new NativeStack();
    try {
      return allocate(owner);
    } catch (DriverException e) {
      DriverException unused = owner.close();
      throw e;
    }
  }

  private static HandshakeMemory allocate(NativeStack owner) {
    PinnedMemory pinned = PinnedMemory.allocate(SIZE);
    owner.own(pinned::free);
    long team = Driver.allocate(TEAM_SIZE);
    owner.own(() -> Driver.free(team));
    Driver.clear(team, TEAM_SIZE);
    ByteBuffer words = pinned.buffer();
    for (int at = 0; at < SIZE; at += Long.BYTES) {
      words.putLong(at, 0);
    }
    words.putLong(MAGIC_AT, MAGIC).putInt(VERSION_AT, VERSION).putInt(SIZE_AT, SIZE);
    words.putLong(TEAM_AT, team);
    return new HandshakeMemory(owner, words, pinned.mapped());
  }

  CUdeviceptr devicePointer() {
    return mapped;
  }

  /** Asks for something; gives the request's number. */
  synchronized long post(int ask, long argument) {
    long request = (long) LONG.getOpaque(words, REQUEST_AT) + 1;
    LONG.setOpaque(words, ASK_AT, (long) ask);
    LONG.setOpaque(words, ARGUMENT_AT, argument);
    LONG.setRelease(words, REQUEST_AT, request);
    return request;
  }

  boolean isAcknowledged(long request) {
    return (long) LONG.getAcquire(words, ACKNOWLEDGED_AT) >= request;
  }

  long step() {
    return (long) LONG.getAcquire(words, STEP_AT);
  }

  long epoch() {
    return (long) LONG.getAcquire(words, EPOCH_AT);
  }

  Handshake.Phase phase() {
    long phase = (long) LONG.getAcquire(words, PHASE_AT);
    return PHASES[(int) Math.min(Math.max(phase, 0), PHASES.length - 1)];
  }

  /** Fails when the kernel could not do what it was asked. */
  void requireNoError(Supplier<String> said) {
    long error = (long) LONG.getAcquire(words, ERROR_AT);
    if (error != 0) {
      throw new IllegalStateException(
          "the kernel was asked to capture while it did not stand still (" + said.get() + ")");
    }
  }

  /** Gives them back; what could not be given back, or null. */
  @Nullable DriverException release() {
    return owner.close();
  }

  @Override
  public String toString() {
    return "last said: "
        + phase().name().toLowerCase(Locale.ROOT)
        + " at step "
        + Long.toUnsignedString(step())
        + ", epoch "
        + Long.toUnsignedString(epoch())
        + ", request "
        + LONG.getAcquire(words, ACKNOWLEDGED_AT)
        + " of "
        + LONG.getOpaque(words, REQUEST_AT)
        + " acknowledged";
  }
}
