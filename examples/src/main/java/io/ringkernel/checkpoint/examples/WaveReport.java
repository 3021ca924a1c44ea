package io.ringkernel.checkpoint.examples;

import io.ringkernel.checkpoint.HlcTimestamp;
import java.nio.ByteBuffer;

/**
 * What the kernel tells its host from time to time.
 *
 * @param step the step it is of
 * @param energy of the whole field, in units of pressure squared times cells; constant between
 *     rigid walls while no source is at work
 * @param peak the largest absolute pressure
 * @param time the kernel's logical time when it was sent
 */
public record WaveReport(long step, double energy, float peak, HlcTimestamp time) {
  /** Writes u64 step, f64 energy, f32 peak; the queue has the time. */
  void writeTo(ByteBuffer target) {
    target.putLong(step).putDouble(energy).putFloat(peak);
  }

  /** Reads what {@link #writeTo} wrote. */
  static WaveReport readFrom(HlcTimestamp time, ByteBuffer source) {
    return new WaveReport(source.getLong(), source.getDouble(), source.getFloat(), time);
  }
}
