package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.util.List;

/** One checkpoint that is to be copied to the far tier. */
final class FarCheckpoint extends FarJob {
  FarCheckpoint(String kernelId, String name, long sequence, boolean imported, boolean resumed) {
    super(kernelId, name, sequence, imported, resumed);
  }

  /** Of a checkpoint that is there. */
  static FarCheckpoint of(CheckpointInfo info, boolean resumed) {
    return new FarCheckpoint(
        info.metadata().kernelId(), info.name(), info.sequence(), info.imported(), resumed);
  }

  /** In which line a kernel's checkpoints wait. */
  static String lineOf(String kernelId) {
    return "kernel " + kernelId;
  }

  @Override
  String line() {
    return lineOf(kernelId);
  }

  @Override
  HlcTimestamp cut() {
    return HlcTimestamp.ZERO;
  }

  @Override
  List<CheckpointInfo> members() {
    return List.of();
  }

  @Override
  boolean isOf(Located located) {
    return located instanceof Located.InObject managed
        && managed.entry().isOf(kernelId)
        && managed.entry().mark().sequence() == sequence
        && managed.entry().mark().imported() == imported;
  }

  @Override
  boolean isOf(SaveReceipt saved) {
    return sequence == saved.sequence()
        && name.equals(saved.name())
        && kernelId.equals(saved.kernelId());
  }

  @Override
  boolean isOf(CheckpointInfo info) {
    return sequence == info.sequence()
        && imported == info.imported()
        && name.equals(info.name())
        && kernelId.equals(info.metadata().kernelId());
  }
}
