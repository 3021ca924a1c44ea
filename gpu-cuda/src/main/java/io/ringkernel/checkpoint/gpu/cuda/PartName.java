package io.ringkernel.checkpoint.gpu.cuda;

import io.ringkernel.checkpoint.kernel.KernelDescriptor;

/** How messages call a piece of state. */
final class PartName {
  private PartName() {}

  static String of(KernelDescriptor.Part part) {
    String name = part.name() == null ? Long.toUnsignedString(part.id()) : part.name();
    return part.type().label() + " '" + name + "'";
  }
}
