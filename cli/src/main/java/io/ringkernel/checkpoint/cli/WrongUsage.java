package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.internal.QuotedNames;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with a command line, in the words of all other messages. */
final class WrongUsage {
  private WrongUsage() {}

  /** For people, not yet escaped. */
  static String message(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    // picocli names the option twice where it has no index.
    String message = String.valueOf(failure.getMessage()).replace("option option", "option");
    if (message.startsWith("Missing required subcommand")) {
      return "no command is given";
    }
    // picocli's own begin with a capital, ours don't.
    return message.length() > 1 && Character.isLowerCase(message.charAt(1))
        ? message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)
        : message;
  }

  private static String unmatched(UnmatchedArgumentException failure) {
    List<String> unmatched = failure.getUnmatched();
    if (failure.isUnknownOption()) {
      return "there is no option '" + unmatched.get(0) + "'";
    }
    if (failure.getCommandLine().getParent() == null) {
      return "there is no command '" + unmatched.get(0) + "'";
    }
    return (unmatched.size() == 1 ? "one argument too many: " : "too many arguments: ")
        + QuotedNames.of(unmatched);
  }
}
