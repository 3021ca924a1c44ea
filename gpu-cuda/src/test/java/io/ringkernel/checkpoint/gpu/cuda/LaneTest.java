package io.ringkernel.checkpoint.gpu.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes straight between the device and the caller's memory, and what through a buffer. */
@ExtendWith(OnStandIn.class)
@Tag(OnStandIn.ANY_DRIVER)
@Timeout(60)
class LaneTest {
  private static final int SIZE = 300_000;

  /** The driver pins whole pages, none of them twice. */
  private static final int PAGE = 4096;

  /** Where the first of two pieces ends, and where the second begins after a hole. */
  private static final int MIDDLE = 36 * PAGE;

  private static final int PAST_A_HOLE = 44 * PAGE;

  private static final byte[] STATE = Bytes.random(SIZE, 5);

  /** Somebody who waits, or who has given up. */
  private record Waiter(boolean waits) implements Lane.Loan {
    @Override
    public boolean claim() {
      return waits;
    }

    @Override
    public boolean lend() {
      return waits;
    }

    @Override
    public void takeBack() {}
  }

  private static final Waiter WANTED = new Waiter(true);
  private static final Waiter UNWANTED = new Waiter(false);

  private static ByteBuffer allocate(boolean direct, int size) {
    return direct ? ByteBuffer.allocateDirect(size) : ByteBuffer.allocate(size);
  }

  private final NativeStack owner = new NativeStack();
  private final Pointer pinned = new Pointer();
  private Lane lane;
  private GpuMemory device;

  @BeforeEach
  void make() {
    device = new GpuMemory(STATE);
    lane = new Lane(SIZE, Bytes.LONG, owner);
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(pinned, SIZE, 0));
    buffer().put(new byte[SIZE]);
    pinned().put(new byte[SIZE]);
  }

  @AfterEach
  void giveBack() {
    GpuMemory.use(0);
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(pinned));
    assertThat(owner.close()).isNull();
    device.close();
  }

  private long address() {
    return Driver.addressOf(device.pointer());
  }

  private ByteBuffer buffer() {
    return lane.window(SIZE);
  }

  private ByteBuffer pinned() {
    return pinned.getByteBuffer(0, SIZE);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  @Test
  void fillsPinnedMemoryStraight() {
    ByteBuffer all = pinned();

    lane.copyOut(address(), List.of(all.slice(0, 100_000), all.slice(100_000, 200_000)), WANTED);

    assertThat(bytes(all)).isEqualTo(STATE);
    assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
  }

  /** As every allocation is seen by all devices, so is one that nobody asked to map. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        JCudaDriver.CU_MEMHOSTALLOC_PORTABLE,
        JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP,
        JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP | JCudaDriver.CU_MEMHOSTALLOC_PORTABLE
      })
  void fillsPinnedMemoryStraightWithWhateverFlagsItWasAllocated(int flags) {
    Pointer other = new Pointer();
    GpuMemory.check(() -> JCudaDriver.cuMemHostAlloc(other, SIZE, flags));
    ByteBuffer all = other.getByteBuffer(0, SIZE);

    lane.copyOut(address(), List.of(all), WANTED);

    assertThat(bytes(all)).isEqualTo(STATE);
    assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
    GpuMemory.check(() -> JCudaDriver.cuMemFreeHost(other));
  }

  @Test
  void fillsAWindowOfPinnedMemoryStraight() {
    ByteBuffer part = pinned().position(1000).limit(101_000);

    lane.copyOut(address() + 77, List.of(part), WANTED);

    assertThat(bytes(part.duplicate().position(1000)))
        .isEqualTo(Arrays.copyOfRange(STATE, 77, 100_077));
    assertThat(pinned().get(999)).isZero();
    assertThat(pinned().get(101_000)).isZero();
    assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fillsOtherMemoryThroughItsBuffer(boolean direct) {
    ByteBuffer first = allocate(direct, 100_000);
    ByteBuffer second = pinned().limit(200_000);

    lane.copyOut(address(), List.of(first, second), WANTED);

    assertThat(bytes(first.flip())).isEqualTo(Arrays.copyOf(STATE, 100_000));
    assertThat(bytes(second.flip())).isEqualTo(Arrays.copyOfRange(STATE, 100_000, SIZE));
    assertThat(bytes(buffer())).isEqualTo(STATE);
  }

  /** Of memory that is pinned in two pieces, each copied by itself but not both at once. */
  private static final class InTwoPieces implements AutoCloseable {
    private final ByteBuffer all =
        ByteBuffer.allocateDirect(SIZE + 2 * PAGE).alignedSlice(PAGE).slice(0, SIZE);
    private final int secondAt;

    /** The first ends in the middle. */
    InTwoPieces(int secondAt) {
      this.secondAt = secondAt;
      pin(0, MIDDLE);
      pin(secondAt, SIZE - secondAt);
    }

    private void pin(int at, int length) {
      Pointer piece = Pointer.to(all.slice(at, length));
      int flags = JCudaDriver.CU_MEMHOSTREGISTER_DEVICEMAP;
      GpuMemory.check(() -> JCudaDriver.cuMemHostRegister(piece, length, flags));
    }

    @Override
    public void close() {
      GpuMemory.use(0);
      for (int at : new int[] {0, secondAt}) {
        Pointer piece = Pointer.to(all.slice(at, 1));
        GpuMemory.check(() -> JCudaDriver.cuMemHostUnregister(piece));
      }
    }
  }

  /** Beside each other, and with a hole between them. */
  @ParameterizedTest
  @ValueSource(ints = {MIDDLE, PAST_A_HOLE})
  void fillsMemoryThatIsPinnedInPiecesThroughItsBuffer(int second) {
    try (InTwoPieces pieces = new InTwoPieces(second)) {
      ByteBuffer first = pinned().limit(100_000);
      ByteBuffer across = pieces.all.duplicate().limit(SIZE - 100_000);

      lane.copyOut(address(), List.of(first, across), WANTED);

      assertThat(bytes(first.flip())).isEqualTo(Arrays.copyOf(STATE, 100_000));
      assertThat(bytes(across.flip())).isEqualTo(Arrays.copyOfRange(STATE, 100_000, SIZE));
      assertWasRefused(STATE);
    }
  }

  /**
   * What a driver takes at once is told by no documentation of its; either way the bytes are right.
   */
  private void assertWasRefused(byte[] copied) {
    if (StandIn.isInUse()) {
      assertThat(bytes(buffer())).isEqualTo(copied);
    } else {
      System.out.printf(
          "pinned in two registrations: %s%n",
          Arrays.equals(bytes(buffer()), copied) ? "through the buffer" : "taken straight");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {MIDDLE, PAST_A_HOLE})
  void sendsMemoryThatIsPinnedInPiecesThroughItsBuffer(int second) {
    byte[] other = Bytes.random(SIZE, 6);
    try (InTwoPieces pieces = new InTwoPieces(second)) {
      pieces.all.put(0, other);

      lane.copyIn(pieces.all.asReadOnlyBuffer(), address(), WANTED);

      assertThat(device.read()).isEqualTo(other);
      assertWasRefused(other);
    }
  }

  /** Somebody who gives up in the moment in which the memory is given back. */
  private static final class GivesUp implements Lane.Loan {
    private boolean gone;

    @Override
    public boolean claim() {
      return !gone;
    }

    @Override
    public boolean lend() {
      return !gone;
    }

    @Override
    public void takeBack() {
      gone = true;
    }
  }

  @Test
  void looksAtNothingThatWasGivenBackWhenItsLenderHasGivenUpSince() {
    byte[] other = Bytes.random(SIZE, 6);
    try (InTwoPieces pieces = new InTwoPieces(PAST_A_HOLE)) {
      pieces.all.put(0, other);
      GivesUp loan = new GivesUp();

      lane.copyIn(pieces.all.asReadOnlyBuffer(), address(), loan);

      assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
      assertThat(loan.gone || !StandIn.isInUse()).as("it was refused").isTrue();
      assertThat(device.read()).isEqualTo(loan.gone ? STATE : other);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, MIDDLE})
  void copiesEachOfThePiecesStraight(int at) {
    try (InTwoPieces pieces = new InTwoPieces(MIDDLE)) {
      ByteBuffer piece = pieces.all.slice(at, MIDDLE);

      lane.copyOut(address(), List.of(piece), WANTED);

      assertThat(bytes(piece)).isEqualTo(Arrays.copyOf(STATE, MIDDLE));
      assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
    }
  }

  @Test
  void touchesNoMemoryThatIsNotWanted() {
    ByteBuffer direct = ByteBuffer.allocateDirect(SIZE);

    lane.copyOut(address(), List.of(pinned()), UNWANTED);
    lane.copyOut(address(), List.of(direct), UNWANTED);
    lane.copyIn(pinned(), address(), UNWANTED);
    lane.copyIn(direct, address(), UNWANTED);

    assertThat(bytes(pinned())).isEqualTo(new byte[SIZE]);
    assertThat(bytes(direct)).isEqualTo(new byte[SIZE]);
    assertThat(device.read()).isEqualTo(STATE);
  }

  @Test
  void sendsPinnedMemoryStraight() {
    byte[] other = Bytes.random(SIZE, 6);
    ByteBuffer bytes = pinned().put(other).flip();

    lane.copyIn(bytes.asReadOnlyBuffer(), address(), WANTED);

    assertThat(device.read()).isEqualTo(other);
    assertThat(bytes(buffer())).isEqualTo(new byte[SIZE]);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sendsOtherMemoryThroughItsBuffer(boolean direct) {
    byte[] other = Bytes.random(SIZE, 6);
    ByteBuffer bytes = allocate(direct, SIZE).put(other).flip();

    lane.copyIn(bytes.asReadOnlyBuffer(), address(), WANTED);

    assertThat(device.read()).isEqualTo(other);
    assertThat(bytes(buffer())).isEqualTo(other);
    assertThat(bytes.remaining()).isEqualTo(SIZE);
  }
}
