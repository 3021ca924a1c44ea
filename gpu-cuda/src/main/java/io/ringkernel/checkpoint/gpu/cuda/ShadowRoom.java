package io.ringkernel.checkpoint.gpu.cuda;

import java.nio.ByteBuffer;
import java.util.List;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/** The room there is for a shadow, or why there is none. */
final class ShadowRoom {
  private final long size;
  private final @Nullable Shadow shadow;
  private final List<String> why;

  private ShadowRoom(long size, @Nullable Shadow shadow, List<String> why) {
    this.size = size;
    this.shadow = shadow;
    this.why = why;
  }

  /**
   * Makes it, in the current context, after everything that is needed more.
   *
   * @param owner what gives its memory back
   */
  static ShadowRoom make(State state, CudaOptions options, Mover mover, NativeStack owner) {
    long size = state.shadowBytes();
    if (!options.shadow()) {
      return new ShadowRoom(size, null, List.of());
    }
    if (mover instanceof Mover.Nobody nobody && size > 0) {
      return none(size, nobody.why());
    }
    if (size > options.shadowLimit()) {
      return none(size, noRoom(size, "within the limit of " + options.shadowLimit()));
    }
    try {
      return new ShadowRoom(size, allocate(state, owner), List.of());
    } catch (DriverException e) {
      if (e.code() != CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
        throw e;
      }
      return none(size, noRoom(size, "in the device's memory"));
    }
  }

  private static Shadow allocate(State state, NativeStack owner) {
    long address = 0;
    if (state.shadowBytes() > 0) {
      long made = Driver.allocate(state.shadowBytes());
      owner.own(() -> Driver.free(made));
      address = made;
    }
    return new Shadow(address, ByteBuffer.allocateDirect((int) state.hostBytes()));
  }

  private static ShadowRoom none(long size, String why) {
    return new ShadowRoom(size, null, List.of("captured straight: " + why));
  }

  private static String noRoom(long size, String where) {
    return "no room for a shadow of " + size + " bytes " + where;
  }

  /**
   * Lends the shadow.
   *
   * @param notes get why there is none, when that is not what was asked for
   * @return null when there is none, or it is lent already
   */
  @Nullable Shadow take(List<String> notes) {
    if (shadow == null) {
      notes.addAll(why);
      return null;
    }
    if (!shadow.take()) {
      notes.add("captured straight: " + noRoom(size, "while an earlier one is open"));
      return null;
    }
    return shadow;
  }

  /** How many are lent. */
  int open() {
    return shadow != null && shadow.isLent() ? 1 : 0;
  }
}
