package io.ringkernel.checkpoint.cli;

import java.io.Console;
import java.util.List;

/** Whether a person looks at an output. */
final class Terminal {
  /** Set by the launcher, which can ask about each output alone. */
  private static final String PROPERTY = "rkcp.terminals";

  private Terminal() {}

  /**
   * Whether it is a terminal.
   *
   * @param output {@code out} or {@code err}
   */
  @SuppressWarnings("SystemConsoleNull") // That it is no longer null is what isTerminal is for.
  static boolean is(String output) {
    String told = System.getProperty(PROPERTY);
    if (told != null) {
      return List.of(told.split(",", -1)).contains(output);
    }
    Console console = System.console();
    return console != null && isTerminal(console);
  }

  /** From JDK 22 on, there is a console also when input and output are files. */
  private static boolean isTerminal(Console console) {
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
