package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.kernel.KernelDescriptor;
import io.ringkernel.checkpoint.kernel.KernelMemory;
import io.ringkernel.checkpoint.kernel.adapter.RestoredPart;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What of a checkpoint goes where, checked to the byte, and how far that has got. */
final class RestorePlan {
  /** A part of the kernel's state, and how much of it was written. */
  record Target(KernelDescriptor.Part part, ChunkContent content, AtomicLong written) {
    void add(long bytes) {
      written.addAndGet(bytes);
    }
  }

  /**
   * A piece to write.
   *
   * @param part whose
   * @param offset in its content
   * @param length bytes
   * @param address on the device, when it goes there
   * @param target in host memory, else null
   */
  record Transfer(Target part, long offset, int length, long address, @Nullable ByteBuffer target) {
    ChunkContent content() {
      return part.content();
    }

    ByteBuffer hostTarget() {
      return Objects.requireNonNull(target);
    }
  }

  private final KernelDescriptor descriptor;
  private final Checkpoint checkpoint;
  private final List<Target> targets = new ArrayList<>();

  RestorePlan(KernelDescriptor descriptor, Checkpoint checkpoint) {
    this.descriptor = descriptor;
    this.checkpoint = checkpoint;
  }

  /** Refuses a checkpoint that is not exactly of this kernel's layout; once, first. */
  void check() {
    RestoredPart.match(descriptor, checkpoint)
        .forEach(part -> targets.add(new Target(part.part(), part.content(), new AtomicLong())));
  }

  /**
   * All pieces, in order.
   *
   * @param most bytes in one
   */
  List<Transfer> transfers(int most) {
    List<Transfer> transfers = new ArrayList<>();
    for (Target target : targets) {
      if (target.part().memory() instanceof KernelMemory.Device memory) {
        for (long at = 0; at < memory.size(); at += most) {
          int length = (int) Math.min(most, memory.size() - at);
          transfers.add(new Transfer(target, at, length, memory.address() + at, null));
        }
      } else {
        addHost(transfers, target, most);
      }
    }
    return transfers;
  }

  private static void addHost(List<Transfer> transfers, Target target, int most) {
    long offset = 0;
    for (ByteBuffer memory : State.host(target.part())) {
      for (int at = 0; at < memory.capacity(); at += Math.min(most, memory.capacity() - at)) {
        int length = Math.min(most, memory.capacity() - at);
        transfers.add(new Transfer(target, offset, length, 0, memory.slice(at, length)));
        offset += length;
      }
    }
  }

  /** How much is written and which parts are done, in words. */
  String account() {
    long written = targets.stream().mapToLong(target -> target.written().get()).sum();
    return written
        + " of "
        + checkpoint.size()
        + " bytes written; done: "
        + names(true)
        + "; not done: "
        + names(false);
  }

  private String names(boolean done) {
    String names =
        targets.stream()
            .filter(target -> (target.written().get() == target.content().size()) == done)
            .map(target -> done ? target.part().label() : progress(target))
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "nothing" : names;
  }

  private static String progress(Target target) {
    return target.part().label()
        + " ("
        + target.written()
        + " of "
        + target.content().size()
        + " bytes)";
  }
}
