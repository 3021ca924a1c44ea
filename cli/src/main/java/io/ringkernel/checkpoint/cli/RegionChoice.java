package io.ringkernel.checkpoint.cli;

import java.util.List;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Takes one name behind an option, and the words behind it too once the command has its own NAME:
 * {@code NAME --region a b} is two regions, {@code --region a NAME} is one.
 */
final class RegionChoice implements IParameterConsumer {
  @Override
  @SuppressWarnings("JdkObsolete") // picocli's signature.
  public void consumeParameters(Stack<String> words, ArgSpec option, CommandSpec command) {
    if (words.isEmpty()) {
      throw new ParameterException(command.commandLine(), "--region: it needs NAME");
    }
    List<String> names = option.getValue();
    names.add(words.pop());
    String commandsOwn = command.positionalParameters().get(0).getValue();
    while (!commandsOwn.isEmpty() && !words.isEmpty() && !words.peek().startsWith("-")) {
      names.add(words.pop());
    }
  }
}
