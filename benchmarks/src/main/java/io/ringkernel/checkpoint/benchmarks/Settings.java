package io.ringkernel.checkpoint.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param quick smaller states and fewer rounds: three minutes at most
 * @param json where to write the figures as JSON
 * @param only a topic, when not all of them: encode, save, load, lz4, zstd, memory
 * @param directory where files are written: on the disk to be measured
 */
record Settings(boolean quick, @Nullable Path json, @Nullable String only, Path directory) {
  static Settings parse(String[] args) {
    boolean quick = false;
    Path json = null;
    String only = null;
    Path directory = Path.of(".");
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--quick" -> quick = true;
        case "--json" -> json = Path.of(value(args, ++i));
        case "--only" -> only = value(args, ++i);
        case "--dir" -> directory = Path.of(value(args, ++i));
        default ->
            throw new IllegalArgumentException(
                "unknown option "
                    + args[i]
                    + "; known: --quick, --json FILE, --only TOPIC, --dir DIRECTORY");
      }
    }
    return new Settings(quick, json, only, directory);
  }

  Rounds rounds() {
    return quick ? new Rounds(Duration.ofSeconds(6), 7) : new Rounds(Duration.ofSeconds(20), 15);
  }

  boolean wants(String topic) {
    return only == null || only.equals(topic);
  }

  private static String value(String[] args, int at) {
    if (at >= args.length) {
      throw new IllegalArgumentException(args[at - 1] + " needs a value");
    }
    return args[at];
  }
}
