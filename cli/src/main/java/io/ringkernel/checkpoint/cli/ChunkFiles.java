package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.files.FileNames;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.format.ChunkLayout;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which file each chunk of a checkpoint is restored to. */
final class ChunkFiles {
  private static final String SUFFIX = ".bin";

  private ChunkFiles() {}

  /**
   * One file name for each chunk: {@code NAME.bin}, or {@code TYPE-ID.bin} for one without a name;
   * the second and later ones of a type and id have {@code @1}, {@code @2} and so on before the
   * suffix.
   *
   * @param chunks in order
   * @return the chunks and their files, in the same order
   * @throws RefusedException when two of the names are one on some file system
   */
  static Map<ChunkLayout, String> of(List<ChunkLayout> chunks) {
    FileNames names = new FileNames();
    Map<ChunkLayout, String> files = new LinkedHashMap<>();
    Map<String, String> taken = new HashMap<>();
    for (ChunkLayout chunk : chunks) {
      String file = file(chunk, names);
      String other = taken.putIfAbsent(folded(file), file);
      if (other != null) {
        throw new RefusedException(
            "nothing was restored: '"
                + other
                + "' and '"
                + file
                + "' are one file where case does not count; restore them into two directories,"
                + " with --region");
      }
      files.put(chunk, file);
    }
    return files;
  }

  /**
   * One directory name for each kernel of a group.
   *
   * @param kernels ids, each once
   * @return the ids and their directories, in the same order
   * @throws RefusedException when two of the names are one on some file system
   */
  static Map<String, String> directories(List<String> kernels) {
    FileNames names = new FileNames();
    Map<String, String> directories = new LinkedHashMap<>();
    Map<String, String> taken = new HashMap<>();
    for (String kernel : kernels) {
      String distinction = String.format("%016x", DataChunk.regionId(kernel));
      String directory = names.component(kernel, distinction);
      String other = taken.putIfAbsent(folded(directory), directory);
      if (other != null) {
        throw new RefusedException(
            "nothing was restored: '"
                + other
                + "' and '"
                + directory
                + "' are one directory where case does not count; restore them one by one, with"
                + " --member");
      }
      directories.put(kernel, directory);
    }
    return directories;
  }

  private static String file(ChunkLayout layout, FileNames names) {
    DataChunk chunk = layout.chunk();
    String stem =
        chunk
            .name()
            .map(name -> names.component(name, String.format("%016x", chunk.id())))
            .orElseGet(() -> chunk.type().label() + "-" + ChunkAddress.idText(chunk.id()));
    return stem + (layout.occurrence() == 0 ? "" : "@" + layout.occurrence()) + SUFFIX;
  }

  /** Equal for names that a file system takes for one: they ignore case, or compose accents. */
  private static String folded(String file) {
    String composed = Normalizer.normalize(file, Normalizer.Form.NFKC);
    return composed.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
