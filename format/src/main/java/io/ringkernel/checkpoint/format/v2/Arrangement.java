package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.format.v2.Transfer.Part;
import io.ringkernel.checkpoint.format.v2.Transfer.Section;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where one read puts the bytes of a {@link Transfer}. */
final class Arrangement {
  private final ByteBuffer staging;
  private final @Nullable ByteBuffer target;
  private final List<Stretch> stretches = new ArrayList<>();
  private final IdentityHashMap<Stretch, List<Section>> sections = new IdentityHashMap<>();

  // What the next stretch consists of so far.
  private List<ByteBuffer> buffers = new ArrayList<>();
  private List<Section> inStretch = new ArrayList<>();

  // Bytes of the staging memory that sections have, and that stretches have.
  private int staged;
  private int flushed;

  private Arrangement(ByteBuffer staging, @Nullable ByteBuffer target) {
    this.staging = staging;
    this.target = target;
  }

  /**
   * Direct payloads go to the target itself, all else to {@code staging}; sections that stand one
   * behind the other in the file are one stretch.
   *
   * @param staging of {@link Transfer#stagedLength} bytes
   * @param target null when the blocks are only to be verified
   */
  static Arrangement of(Transfer transfer, ByteBuffer staging, @Nullable ByteBuffer target) {
    Arrangement arrangement = new Arrangement(staging, target);
    long start = transfer.parts().get(0).location().position();
    long end = start;
    for (Part part : transfer.parts()) {
      long position = part.location().position();
      if (position != end) {
        arrangement.cut(start);
        start = position;
      }
      arrangement.add(part);
      end = IndexPage.end(part.location());
    }
    arrangement.cut(start);
    return arrangement;
  }

  private void add(Part part) {
    ByteBuffer header = stage(Layout.LOCAL_HEADER_SIZE);
    if (target != null && part.isDirect()) {
      ByteBuffer payload = target.slice((int) part.targetAt(), part.storedLength());
      flush();
      buffers.add(payload.duplicate());
      inStretch.add(new Section(part, header, payload, true));
    } else {
      inStretch.add(new Section(part, header, stage(part.storedLength()), false));
    }
  }

  private ByteBuffer stage(int length) {
    staged += length;
    return staging.slice(staged - length, length);
  }

  private void flush() {
    if (staged > flushed) {
      buffers.add(staging.slice(flushed, staged - flushed));
      flushed = staged;
    }
  }

  private void cut(long start) {
    flush();
    Stretch stretch = new Stretch(start, buffers);
    stretches.add(stretch);
    sections.put(stretch, inStretch);
    buffers = new ArrayList<>();
    inStretch = new ArrayList<>();
  }

  /** To be filled, in the order of the file. */
  List<Stretch> stretches() {
    return stretches;
  }

  /** The blocks in one of {@link #stretches}. */
  List<Section> sections(Stretch stretch) {
    return Objects.requireNonNull(sections.get(stretch));
  }

  /** All blocks. */
  List<Section> sections() {
    return stretches.stream().flatMap(stretch -> sections(stretch).stream()).toList();
  }
}
