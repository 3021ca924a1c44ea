package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.DataChunk;
import java.util.List;
import java.util.Stack;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/**
 * A chunk to be saved, and the file that holds its bytes.
 *
 * @param chunk without its bytes
 * @param file a path, or {@code -} for standard input
 * @param remaining how many words of the command line came behind it: tells the order in which
 *     options of several kinds were given
 */
record StateFile(DataChunk chunk, String file, int remaining) {
  /** Stands for standard input in place of a path. */
  private static final String STANDARD_INPUT = "-";

  /** Whether its bytes come from standard input. */
  boolean isStandardInput() {
    return file.equals(STANDARD_INPUT);
  }

  private abstract static class Words implements IParameterConsumer {
    /** A chunk from one word. */
    abstract StateFile parse(String word, int remaining);

    /** Whether a further word belongs to this option as well. */
    boolean continues(String word) {
      return word.indexOf('=') > 0 && !word.startsWith("-");
    }

    @Override
    @SuppressWarnings("JdkObsolete") // picocli's signature.
    public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
      if (words.isEmpty()) {
        throw wrongUsage(option, command, "it needs " + option.paramLabel(), null);
      }
      List<StateFile> chunks = option.getValue();
      do {
        String word = words.pop();
        try {
          chunks.add(parse(word, words.size()));
        } catch (IllegalArgumentException | TypeConversionException e) {
          throw wrongUsage(option, command, String.valueOf(e.getMessage()), e);
        }
      } while (!words.isEmpty() && continues(words.peek()));
    }

    private static ParameterException wrongUsage(
        ArgSpec option, CommandSpec command, String reason, @Nullable Throwable cause) {
      String name = ((picocli.CommandLine.Model.OptionSpec) option).longestName();
      return new ParameterException(command.commandLine(), name + ": " + reason, cause);
    }

    /**
     * @param form how both parts are written
     */
    static String before(String word, String form) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("'" + word + "' has no =: write " + form);
      }
      return word.substring(0, equals);
    }

    static String after(String word) {
      return word.substring(word.indexOf('=') + 1);
    }
  }

  /** {@code NAME=FILE}. */
  static final class Regions extends Words {
    @Override
    StateFile parse(String word, int remaining) {
      DataChunk region = DataChunk.region(before(word, "NAME=FILE"), ChunkContent.empty());
      return new StateFile(region, after(word), remaining);
    }
  }

  /** {@code TYPE[:ID]=FILE}. */
  static final class Chunks extends Words {
    @Override
    StateFile parse(String word, int remaining) {
      ChunkAddress address = ChunkAddress.parse(before(word, "TYPE[:ID]=FILE"));
      Long id = address.id();
      DataChunk chunk = DataChunk.of(address.type(), id == null ? 0 : id, ChunkContent.empty());
      return new StateFile(chunk, after(word), remaining);
    }
  }

  /** {@code FILE}. */
  static final class Control extends Words {
    @Override
    StateFile parse(String word, int remaining) {
      DataChunk block = DataChunk.of(ChunkType.CONTROL_BLOCK, 0, ChunkContent.empty());
      return new StateFile(block, word, remaining);
    }

    @Override
    boolean continues(String word) {
      return false;
    }
  }
}
