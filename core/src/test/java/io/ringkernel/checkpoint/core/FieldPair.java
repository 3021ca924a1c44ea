package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import java.nio.ByteBuffer;
import java.util.List;

/** Two kernels that are saved as a group, "room". */
final class FieldPair {
  final FieldKernel left = new FieldKernel("left");
  final FieldKernel right = new FieldKernel("right");
  final List<QuiescableKernel> kernels = List.of(left.kernel(), right.kernel());

  /** Each save is of another state; the second and later ones are of deltas. */
  GroupReceipt save(Checkpointer checkpointer) {
    left.advance();
    right.advance();
    return checkpointer.groups().save("room", kernels).block(LONG);
  }

  List<ByteBuffer> states() {
    return List.of(ByteBuffer.wrap(left.state()), ByteBuffer.wrap(right.state()));
  }

  void wipe() {
    left.wipe();
    right.wipe();
  }

  void assertRestores(Checkpointer checkpointer, String name, List<ByteBuffer> states) {
    wipe();
    checkpointer.groups().restore(name, kernels).block(LONG);
    assertThat(states()).isEqualTo(states);
  }

  static String member(GroupReceipt group, int n) {
    return group.members().get(n).checkpoint().name();
  }
}
