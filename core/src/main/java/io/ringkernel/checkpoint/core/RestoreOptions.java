package io.ringkernel.checkpoint.core;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which checkpoints a kernel accepts, and when they are verified; immutable. By default it accepts
 * only its own, and every byte is verified before the kernel is touched.
 */
@CheckReturnValue
public final class RestoreOptions {
  private static final RestoreOptions DEFAULTS = new RestoreOptions(null, true, null);

  private final @Nullable String fromKernel;
  private final boolean verifyFirst;
  private final @Nullable String base;

  private RestoreOptions(@Nullable String fromKernel, boolean verifyFirst, @Nullable String base) {
    this.base = base;
    this.fromKernel = fromKernel;
    this.verifyFirst = verifyFirst;
  }

  /** Its own checkpoints, verified first. */
  public static RestoreOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Takes the checkpoints of another kernel instead: migration. The type must still be the same.
   *
   * @param kernelId whose
   */
  public RestoreOptions fromKernel(String kernelId) {
    return new RestoreOptions(Objects.requireNonNull(kernelId), verifyFirst, base);
  }

  /**
   * Verifies while restoring, in one pass instead of two. This is only for a kernel that is thrown
   * away when the restore fails, because by then it may hold half a state. A version 1 file is
   * verified first all the same: its only checksum is over all of it.
   */
  public RestoreOptions verifyWhileRestoring() {
    return new RestoreOptions(fromKernel, false, base);
  }

  /**
   * Applies a whole-chunk delta of version 1 to this base, instead of searching for the one that
   * has the digest named in the delta.
   *
   * @param name the checkpoint that the delta was made from
   */
  public RestoreOptions base(String name) {
    return new RestoreOptions(fromKernel, verifyFirst, Objects.requireNonNull(name));
  }

  /** The base of a version 1 delta; empty when it is searched for. */
  public Optional<String> base() {
    return Optional.ofNullable(base);
  }

  /** The kernel whose checkpoints are accepted; empty for the kernel's own. */
  public Optional<String> fromKernel() {
    return Optional.ofNullable(fromKernel);
  }

  /** Whether every byte is verified before the kernel is touched. */
  public boolean isVerifyFirst() {
    return verifyFirst;
  }
}
