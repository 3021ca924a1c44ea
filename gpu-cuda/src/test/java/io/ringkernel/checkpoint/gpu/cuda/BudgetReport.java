package io.ringkernel.checkpoint.gpu.cuda;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Figures as they come: each at once a line for people, and a file of JSON that is whole at any
 * time. Whatever ends a run, what it had measured by then is there; a part that fails keeps no
 * other from being measured.
 */
final class BudgetReport {
  private final Path file;
  private final String head;
  private final PrintStream people;
  private final List<Budget> budgets = new ArrayList<>();
  private final List<String> failed = new ArrayList<>();

  /**
   * @param file written anew with each figure
   * @param head of the JSON: what was measured on, as members of an object
   * @param people are told here
   */
  BudgetReport(Path file, String head, PrintStream people) {
    this.file = file;
    this.head = head;
    this.people = people;
    people.print(Budget.heading());
  }

  /** A figure that was measured. */
  void add(Budget budget) {
    budgets.add(budget);
    people.print(budget.line());
    write(false);
  }

  /** Measures a part; what keeps it from its end is told, and no more. */
  void part(String name, Runnable measured) {
    try {
      measured.run();
    } catch (RuntimeException | Error e) {
      failed.add(name);
      people.printf("%s FAILED, the figures before it stand:%n", name);
      e.printStackTrace(people);
      write(false);
    }
  }

  /** A remark on what is being measured. */
  void say(String remark) {
    people.println("  " + remark);
  }

  /** What was measured, in order. */
  List<Budget> budgets() {
    return List.copyOf(budgets);
  }

  /**
   * Says that nothing more will come.
   *
   * @return whether no part failed
   */
  boolean finish() {
    write(true);
    return failed.isEmpty();
  }

  private void write(boolean finished) {
    String json =
        String.format(
            "{%s, \"finished\": %b, \"failed\": [%s], \"budgets\": [%n  %s]}%n",
            head,
            finished,
            failed.stream().map(name -> '"' + name + '"').collect(Collectors.joining(", ")),
            budgets.stream().map(Budget::json).collect(Collectors.joining(",\n  ")));
    try {
      Path fresh = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(fresh, json);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
