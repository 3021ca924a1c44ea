package io.ringkernel.checkpoint.cli;

import java.util.List;

/** The commands by name, each loaded when it is asked for. */
final class Commands {
  /** In the order of the help. */
  static final List<String> NAMES =
      List.of(
          "demo", "save", "restore", "ls", "info", "diff", "verify", "repair", "tag", "prune", "gc",
          "journal", "flatten", "cp", "rm", "cat", "export", "convert", "dump");

  private Commands() {}

  /** Whether there is such a command, also one that the help does not show. */
  static boolean has(String name) {
    return NAMES.contains(name) || name.equals(DemoKernelCommand.NAME);
  }

  static Object create(String name, Session session) {
    return switch (name) {
      case "demo" -> new DemoCommand(session);
      case DemoKernelCommand.NAME -> new DemoKernelCommand(session);
      case "save" -> new SaveCommand(session);
      case "restore" -> new RestoreCommand(session);
      case "ls" -> new ListCommand(session);
      case "info" -> new InfoCommand(session);
      case "diff" -> new DiffCommand(session);
      case "tag" -> new TagCommand(session);
      case "prune" -> new PruneCommand(session);
      case "gc" -> new CollectCommand(session);
      case "journal" -> new JournalCommand(session);
      case "flatten" -> new FlattenCommand(session);
      case "verify" -> new VerifyCommand(session);
      case "repair" -> new RepairCommand(session);
      case "cp" -> new CopyCommand(session);
      case "rm" -> new RemoveCommand(session);
      case "cat" -> new CatCommand(session);
      case "export" -> new ExportCommand(session);
      case "convert" -> new ConvertCommand(session);
      case "dump" -> new DumpCommand(session);
      default -> throw new IllegalArgumentException("no command is named " + name);
    };
  }
}
