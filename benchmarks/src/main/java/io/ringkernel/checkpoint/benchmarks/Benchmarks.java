package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.core.BaseChoice;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs all contests and prints a table: {@code benchmarks/run [--quick] [--json FILE] [--only
 * TEXT]}.
 */
public final class Benchmarks {
  private static final int QUICK_SIZE = 256 << 20;
  private static final int FULL_SIZE = 1 << 30;

  private final Settings settings;
  private final Path directory;
  private final List<Result> results = new ArrayList<>();

  private Benchmarks(Settings settings, Path directory) {
    this.settings = settings;
    this.directory = directory;
  }

  private interface Maker {
    Contest make() throws Exception;
  }

  /**
   * Runs them.
   *
   * @param args see the class
   * @throws Exception what a contest threw; the exit status is then not 0
   */
  public static void main(String[] args) throws Exception {
    Settings settings = Settings.parse(args);
    Path directory = Files.createTempDirectory(settings.directory(), "rkcp-bench-");
    Benchmarks benchmarks = new Benchmarks(settings, directory);
    try {
      benchmarks.runAll();
    } finally {
      delete(directory);
    }
    new Table(benchmarks.results).print(System.out);
    if (settings.json() != null) {
      Files.writeString(settings.json(), json(benchmarks.results));
    }
    System.exit(benchmarks.results.stream().allMatch(Result::isMet) ? 0 : 1);
  }

  private void runAll() throws Exception {
    int size = settings.quick() ? QUICK_SIZE : FULL_SIZE;
    run("encode", () -> new EncodeVersion1("direct", ByteBuffer.allocateDirect(size)));
    run("encode", () -> new EncodeVersion1("heap", ByteBuffer.allocate(size)));
    run("save", () -> new DurableSave("direct", ByteBuffer.allocateDirect(size), fresh()));
    run("save", () -> new DurableSave("heap", ByteBuffer.allocate(size), fresh()));
    run("load", () -> new VerifiedLoad("direct", ByteBuffer::allocateDirect, size, fresh()));
    run("load", () -> new VerifiedLoad("heap", ByteBuffer::allocate, size, fresh()));
    run("lz4", () -> new CompressedSave("lz4", ByteBuffer.allocateDirect(size)));
    run("zstd", () -> new CompressedSave("zstd", ByteBuffer.allocateDirect(size)));
    run("delta", () -> new UnchangedSave(ByteBuffer.allocateDirect(FULL_SIZE)));
    run("delta", () -> new DeltaSave(ByteBuffer.allocateDirect(size), fresh()));
    if (settings.wants("delta")) {
      results.add(new DeltaSize(ByteBuffer.allocateDirect(size), fresh()).run());
    }
    run("chain", () -> chain("restore the 50th save", BaseChoice.automatic()));
    run("chain", () -> chain("restore the 50th delta", BaseChoice.latest()));
    if (settings.wants("memory")) {
      progress("memory");
      results.add(new MemoryUse(settings.quick() ? 1L << 30 : 4L << 30).run());
    }
  }

  private ChainRestore chain(String name, BaseChoice each) throws IOException {
    return new ChainRestore(name, each, ByteBuffer.allocateDirect(FULL_SIZE), fresh());
  }

  private void run(String topic, Maker maker) throws Exception {
    if (!settings.wants(topic)) {
      return;
    }
    try (Contest contest = maker.make()) {
      progress(contest.name());
      results.add(settings.rounds().run(contest));
    }
  }

  /** A line on standard error: the table stands alone on standard output. */
  private static void progress(String what) {
    PrintStream err = System.err;
    err.println("measuring: " + what);
  }

  private Path fresh() throws IOException {
    return Files.createTempDirectory(directory, "contest-");
  }

  private static String json(List<Result> results) {
    return results.stream()
        .map(Result::json)
        .collect(Collectors.joining(",\n  ", "[\n  ", "\n]\n"));
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
