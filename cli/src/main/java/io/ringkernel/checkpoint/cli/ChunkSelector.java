package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds chunks by what a person writes. */
final class ChunkSelector {
  private static final Pattern OCCURRENCE = Pattern.compile("(.*)@([0-9]{1,9})", Pattern.DOTALL);
  private static final int MOST_SHOWN = 20;

  private ChunkSelector() {}

  /**
   * All regions with a name, which is given to those that have none: a file that keeps only hashes
   * answers as well.
   *
   * @throws RefusedException when there is none
   */
  static List<ChunkLayout> regions(List<ChunkLayout> chunks, String name) {
    List<ChunkLayout> found =
        named(chunks, name).stream().map(layout -> RegionNames.renamed(layout, name)).toList();
    if (found.isEmpty()) {
      throw missing(chunks, "region", name);
    }
    return found;
  }

  /**
   * The one chunk that is meant by {@code NAME} or {@code TYPE[:ID]}, and {@code @N} for the Nth of
   * several, from 0.
   *
   * @throws RefusedException when there is none, or it could be several
   */
  static ChunkLayout one(List<ChunkLayout> chunks, String text) {
    List<ChunkLayout> found = matching(chunks, text);
    Matcher numbered = OCCURRENCE.matcher(text);
    if (found.isEmpty() && numbered.matches()) {
      found = matching(chunks, numbered.group(1));
      int index = Integer.parseInt(numbered.group(2));
      found = index < found.size() ? List.of(found.get(index)) : List.of();
    }
    if (found.isEmpty()) {
      throw missing(chunks, "chunk", text);
    }
    if (found.size() > 1) {
      throw new RefusedException(
          found.size()
              + " chunks are '"
              + text
              + "'; write '"
              + text
              + "@0' for the first of them");
    }
    return found.get(0);
  }

  private static List<ChunkLayout> matching(List<ChunkLayout> chunks, String text) {
    List<ChunkLayout> named = named(chunks, text);
    if (!named.isEmpty()) {
      return named;
    }
    try {
      ChunkAddress address = ChunkAddress.parse(text);
      return chunks.stream().filter(layout -> address.matches(layout.chunk())).toList();
    } catch (IllegalArgumentException | picocli.CommandLine.TypeConversionException e) {
      // A name that is not there, then.
      return List.of();
    }
  }

  private static List<ChunkLayout> named(List<ChunkLayout> chunks, String name) {
    long id = DataChunk.regionId(name);
    return chunks.stream()
        .filter(
            layout -> {
              DataChunk chunk = layout.chunk();
              return chunk
                  .name()
                  .map(name::equals)
                  .orElseGet(
                      () -> chunk.type().equals(ChunkType.DEVICE_MEMORY) && chunk.id() == id);
            })
        .toList();
  }

  private static RefusedException missing(List<ChunkLayout> chunks, String what, String text) {
    List<String> present =
        chunks.stream().map(layout -> ChunkAddress.of(layout.chunk()).toString()).toList();
    return new RefusedException(
        "there is no "
            + what
            + " '"
            + text
            + "'; there is "
            + (present.isEmpty() ? "none" : QuotedNames.of(present, MOST_SHOWN)));
  }
}
