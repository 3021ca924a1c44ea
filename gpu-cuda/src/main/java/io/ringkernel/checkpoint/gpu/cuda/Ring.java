package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.adapter.UseCount;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;

/**
 * A fixed number of {@link Lane}s that copies take turns on: all the pinned memory there is for one
 * direction. While one lane's bytes cross the bus, another's are moved on.
 *
 * <p>Whoever waits holds no thread. A copy that has begun goes on to its end and gives its lane
 * back then, whoever has lost interest. A lane whose copy does not end is not given back before it
 * has: see {@link #settle}.
 */
final class Ring {
  private final int pieceSize;
  private final int lanes;
  private final DriverThreads threads;
  private final Queue<Lane> free = new ArrayDeque<>();
  private final Queue<Predicate<@Nullable Lane>> waiting = new ArrayDeque<>();
  private final List<Lane> lost = new ArrayList<>();
  private int usable;

  /**
   * @param lanes of one size; their native objects stay their owner's
   * @param pieceSize bytes of a lane's buffer
   */
  Ring(Iterable<Lane> lanes, int pieceSize, DriverThreads threads) {
    lanes.forEach(free::add);
    this.lanes = free.size();
    this.usable = free.size();
    this.pieceSize = pieceSize;
    this.threads = threads;
  }

  /** The most bytes in one copy. */
  int pieceSize() {
    return pieceSize;
  }

  /** How many copies make sense at once. */
  int lanes() {
    return lanes;
  }

  /**
   * Copies from the device into host memory.
   *
   * @param from device address
   * @param targets filled from their positions to their limits, {@link #pieceSize} bytes at most;
   *     not touched any more once the {@code Mono} has ended
   * @param uses entered for the whole of the copy
   */
  Mono<Void> copyOut(long from, List<ByteBuffer> targets, UseCount uses) {
    return copy(uses, (lane, attempt) -> lane.copyOut(from, targets, attempt));
  }

  /**
   * Copies the caller's memory to the device, straight where it is pinned.
   *
   * @param bytes at most {@link #pieceSize}; not looked at any more once the {@code Mono} has ended
   * @param to device address
   * @param uses entered for the whole of the copy
   */
  Mono<Void> copyIn(ByteBuffer bytes, long to, UseCount uses) {
    return copy(uses, (lane, attempt) -> lane.copyIn(bytes, to, attempt));
  }

  /** The same with memory of ours, that nobody waits for: it may be looked at after the end. */
  Mono<Void> copyOwnIn(ByteBuffer bytes, long to, UseCount uses) {
    return copy(uses, (lane, attempt) -> lane.copyIn(bytes, to, Lane.OURS));
  }

  private Mono<Void> copy(UseCount uses, BiConsumer<Lane, DriverThreads.Attempt> copy) {
    return Mono.create(
        sink ->
            begin(
                sink,
                uses,
                lane ->
                    threads
                        .call(copying(lane, uses, attempt -> copy.accept(lane, attempt)))
                        .subscribe(nothing -> {}, sink::error, sink::success)));
  }

  /**
   * Enters a use and gets a lane, which {@code taker} gives back as it ends the use; nothing is
   * begun for a subscriber that is gone by then.
   */
  private void begin(MonoSink<Void> sink, UseCount uses, Consumer<Lane> taker) {
    if (!uses.enter()) {
      sink.error(new IllegalStateException("what it belongs to is closed"));
      return;
    }
    AtomicBoolean wanted = new AtomicBoolean(true);
    sink.onCancel(() -> wanted.set(false));
    whenFree(
        lane -> {
          boolean begins = lane != null && wanted.get();
          if (begins) {
            taker.accept(lane);
            return true;
          }
          uses.leave();
          if (lane == null) {
            sink.error(noLane());
          }
          return false;
        });
  }

  /** What a driver thread does: copies, then gives the lane back and ends the use. */
  private Function<DriverThreads.Attempt, Void> copying(
      Lane lane, UseCount uses, Consumer<DriverThreads.Attempt> copy) {
    return attempt -> {
      boolean reusable = false;
      try {
        attempt.enter();
        copy.accept(attempt);
        reusable = true;
      } catch (RuntimeException | Error e) {
        reusable = lane.settle() == null;
        boolean deviceLost = e instanceof DriverException driver && driver.isDeviceLost();
        if (!reusable && attempt.isLent() && !deviceLost) {
          throw new StuckDriverException(e.getMessage() + "; it has not ended since", true);
        }
        throw e;
      } finally {
        if (reusable) {
          release(lane);
        } else {
          retire(lane);
        }
        uses.leave();
      }
      return null;
    };
  }

  private static IllegalStateException noLane() {
    return new IllegalStateException(
        "no pinned buffer is left that the driver does not still hold; make the kernel anew");
  }

  /**
   * Hands a lane over: now, or when one is given back. Null when none will ever be.
   *
   * @param taker false when it does not take the lane
   */
  private void whenFree(Predicate<@Nullable Lane> taker) {
    Lane lane;
    synchronized (this) {
      lane = free.poll();
      if (lane == null && usable > 0) {
        waiting.add(taker);
        return;
      }
    }
    if (!taker.test(lane) && lane != null) {
      release(lane);
    }
  }

  /** Gives a lane to the first who still wants it. There may be thousands who don't. */
  private void release(Lane lane) {
    boolean taken = false;
    while (!taken) {
      Predicate<@Nullable Lane> next;
      synchronized (this) {
        next = waiting.poll();
        if (next == null) {
          free.add(lane);
          return;
        }
      }
      taken = next.test(lane);
    }
  }

  /** A lane is lost, for now; who waits for the last one is told. */
  private void retire(Lane lane) {
    Queue<Predicate<@Nullable Lane>> told = new ArrayDeque<>();
    synchronized (this) {
      usable--;
      lost.add(lane);
      if (usable == 0) {
        told.addAll(waiting);
        waiting.clear();
      }
    }
    for (Predicate<@Nullable Lane> each : told) {
      boolean unused = each.test(null);
    }
  }

  /** Whether a copy that failed may still be under way. */
  synchronized boolean isUnsettled() {
    return !lost.isEmpty();
  }

  /**
   * On a driver thread, in the context: waits for the copies that did not end in time, as they may
   * still write to the device, and takes their lanes back.
   *
   * @throws StuckDriverException when one has not ended yet
   * @throws DriverException when the driver does not tell, as that of a lost device
   */
  void settle() {
    List<Lane> unsettled;
    synchronized (this) {
      unsettled = List.copyOf(lost);
    }
    for (Lane lane : unsettled) {
      RuntimeException unsettledYet = lane.settle();
      if (unsettledYet instanceof DriverException untold) {
        throw untold;
      }
      if (unsettledYet != null) {
        throw new StuckDriverException("an earlier copy to the device has not ended yet");
      }
      revive(lane);
    }
  }

  private void revive(Lane lane) {
    synchronized (this) {
      if (!lost.remove(lane)) {
        return;
      }
      usable++;
    }
    release(lane);
  }

  /** How many lanes are in use now. */
  synchronized int open() {
    return usable - free.size();
  }
}
