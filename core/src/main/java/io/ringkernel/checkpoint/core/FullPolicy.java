package io.ringkernel.checkpoint.core;

import java.util.Optional;

/**
 * When a save that could be a delta is a full one instead; immutable. By default, as soon as
 * restoring the delta is expected to take more than 1.1 times as long as restoring a full
 * checkpoint (a difference of up to 5 ms doesn't count), or its blocks could be in more than 64
 * older objects.
 */
@CheckReturnValue
public final class FullPolicy {
  /** Beyond it, an entry that names its ancestors would not be a small record any more. */
  private static final int DEFAULT_CHAIN = 64;

  private static final double DEFAULT_RESTORE = 1.1;
  private static final FullPolicy DEFAULTS = new FullPolicy(DEFAULT_CHAIN, 1, DEFAULT_RESTORE);
  private static final FullPolicy ALWAYS = new FullPolicy(0, 0, 1);

  private final int maxChain;
  private final double maxForeignShare;
  private final double maxRestoreCost;

  private FullPolicy(int maxChain, double maxForeignShare, double maxRestoreCost) {
    this.maxChain = maxChain;
    this.maxForeignShare = maxForeignShare;
    this.maxRestoreCost = maxRestoreCost;
  }

  /** The default: as many deltas as can be restored about as fast as a full checkpoint. */
  public static FullPolicy defaults() {
    return DEFAULTS;
  }

  /** No deltas, unless a save names its base. */
  public static FullPolicy alwaysFull() {
    return ALWAYS;
  }

  /**
   * The most older objects that a delta may refer to.
   *
   * @param objects at least 0, which makes every save a full one; 64 unless set
   * @throws IllegalArgumentException when it is not within 0 to 65,535
   */
  public FullPolicy maxChain(int objects) {
    if (objects < 0 || objects > 65_535) {
      throw new IllegalArgumentException("chain must be from 0 to 65535, not " + objects);
    }
    return new FullPolicy(objects, maxForeignShare, maxRestoreCost);
  }

  /**
   * The largest share of blocks that the base may have in older objects. Choose a small share if
   * the loss of one object should not cost many checkpoints.
   *
   * @param share 0 to 1; 1, which is no limit, unless set
   * @throws IllegalArgumentException when it is not within 0 to 1
   */
  public FullPolicy maxForeignShare(double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be from 0 to 1, not " + share);
    }
    return new FullPolicy(maxChain, share, maxRestoreCost);
  }

  /**
   * How much longer a restore may take than one from a full checkpoint. This is estimated from the
   * base's index and the speed of the quicker ones of this store's last few reads.
   *
   * @param ratio at least 1; 1.1 unless set; infinity is no limit
   * @throws IllegalArgumentException when it is less than 1
   */
  public FullPolicy maxRestoreCost(double ratio) {
    if (!(ratio >= 1)) {
      throw new IllegalArgumentException("ratio must be at least 1, not " + ratio);
    }
    return new FullPolicy(maxChain, maxForeignShare, ratio);
  }

  /** The most older objects that a delta may refer to. */
  public int maxChain() {
    return maxChain;
  }

  /** The largest share of blocks that the base may have in older objects. */
  public double maxForeignShare() {
    return maxForeignShare;
  }

  /** How much longer a restore may take than one from a full checkpoint. */
  public double maxRestoreCost() {
    return maxRestoreCost;
  }

  /**
   * Why a save is to be a full one; empty when it may be a delta.
   *
   * @param chain older objects that the delta would refer to
   * @param foreignShare of the base's blocks
   * @param restoreCost expected for the delta, as a multiple of a full one's
   */
  Optional<String> reasonForFull(int chain, double foreignShare, double restoreCost) {
    if (chain > maxChain) {
      return Optional.of(
          String.format("it would refer to %d older objects, %d are allowed", chain, maxChain));
    }
    if (foreignShare > maxForeignShare) {
      return Optional.of(
          String.format(
              "%.0f %% of the base's blocks are in older objects, %.0f %% are allowed",
              100 * foreignShare, 100 * maxForeignShare));
    }
    if (restoreCost > maxRestoreCost) {
      return Optional.of(
          String.format(
              "restoring a delta is expected to take %.2f times as long as a full one, %.2f is"
                  + " allowed",
              restoreCost, maxRestoreCost));
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return "at most "
        + maxChain
        + " older objects, "
        + maxForeignShare
        + " of the blocks, "
        + maxRestoreCost
        + " x the restore";
  }
}
