package io.ringkernel.checkpoint.cli;

import java.io.Console;

/** Whether a person looks at the output. */
final class Terminal {
  /** Set by the launcher, which can ask about standard output alone. */
  private static final String PROPERTY = "rkcp.terminal";

  private Terminal() {}

  @SuppressWarnings("SystemConsoleNull") // That it is no longer null is what isTerminal is for.
  static boolean hasOutput() {
    String told = System.getProperty(PROPERTY);
    if (told != null) {
      return told.equals("true");
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
