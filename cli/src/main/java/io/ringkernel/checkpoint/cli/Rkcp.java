package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The rkcp command. Exit code 0: done; 1: failed, with one line on standard error; 2: wrong usage;
 * 130: interrupted.
 */
@Command(
    name = "rkcp",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Checkpoints of long-running kernels: saved whole, verified, restored bit for bit."
    },
    commandListHeading = "%nCommands:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "A store is named by -s URI or the variable RKCP_STORE: file:/path, gs://bucket/prefix or",
      "s3://bucket/prefix. NAME is the name of a checkpoint in the store. FILE is the path of a",
      "single .rkcp file.",
      "rkcp COMMAND --help shows a command's options.",
      "",
      "Exit codes: 0 done, 1 failed (one line on standard error), 2 wrong usage, 130 interrupted.",
      "",
      "See it work:    rkcp demo"
    })
public final class Rkcp {
  private static final Set<String> VERSION = Set.of("-V", "--version");
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;
  private static final int INTERRUPTED = 130;

  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version and the JDK.")
  private boolean version;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where a failure came from; so does RKCP_DEBUG=1.")
  private boolean debug;

  private final Session session;

  private Rkcp(Session session) {
    this.session = session;
  }

  /**
   * Runs rkcp and ends the process.
   *
   * @param args as the shell gave them
   */
  public static void main(String[] args) {
    if (!List.of(args).contains("--debug") && System.getenv("RKCP_DEBUG") == null) {
      quietLibraries();
    }
    Interruption interruption = new Interruption();
    interruption.install();
    Session session =
        new Session(
            new FileInputStream(FileDescriptor.in),
            new Output(new FileOutputStream(FileDescriptor.out), Terminal.is("out"), false),
            new Output(new FileOutputStream(FileDescriptor.err), Terminal.is("err"), true),
            System.getenv(),
            interruption);
    int code = run(args, session);
    interruption.ended();
    System.exit(code);
  }

  /**
   * Libraries log what they get over, some with stack traces; what fails is told by rkcp, in a
   * line. A class without settings is one that gives the logs nowhere to go. To be called before
   * any of them logs.
   */
  static void quietLibraries() {
    if (System.getProperty("java.util.logging.config.file") == null) {
      System.getProperties().putIfAbsent("java.util.logging.config.class", "java.lang.Object");
    }
  }

  /** Runs rkcp and gives the exit code; never throws. */
  static int run(String[] given, Session session) {
    Rkcp rkcp = new Rkcp(session);
    String[] args = withoutHelpCommand(given);
    try {
      int code = rkcp.commandLine(List.of(args)).execute(args);
      session.out().flush();
      return code;
    } catch (RuntimeException | Error e) {
      return rkcp.failed(e, rkcp);
    }
  }

  /** {@code rkcp help} and {@code rkcp help COMMAND}, which many try, are --help. */
  private static String[] withoutHelpCommand(String[] args) {
    if (args.length == 0 || args.length > 2 || !args[0].equals("help")) {
      return args;
    }
    if (args.length == 1) {
      return new String[] {"--help"};
    }
    return Commands.has(args[1]) ? new String[] {args[1], "--help"} : new String[] {args[1]};
  }

  private CommandLine commandLine(List<String> args) {
    CommandLine line = new CommandLine(this);
    neededCommands(args).forEach(name -> line.addSubcommand(name, Commands.create(name, session)));
    line.getSubcommands().values().forEach(Rkcp::layOut);
    return line.setOut(session.out().writer())
        .setErr(session.err().writer())
        .setUsageHelpWidth(100)
        .setUsageHelpAutoWidth(false)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler((e, unused) -> wrongUsage(e))
        .setExecutionExceptionHandler((e, failing, parsed) -> failed(e, failing.getCommand()));
  }

  /** Only the command that is asked for is set up: a start takes half the time. */
  private static List<String> neededCommands(List<String> args) {
    String asked = args.stream().filter(arg -> !arg.startsWith("-")).findFirst().orElse("");
    if (Commands.has(asked)) {
      return List.of(asked);
    }
    return !args.isEmpty() && VERSION.containsAll(args) ? List.of() : Commands.NAMES;
  }

  /** Options in the order they are declared, which is the order in which they matter. */
  private static void layOut(CommandLine command) {
    command
        .getCommandSpec()
        .usageMessage()
        .sortOptions(false)
        .parameterListHeading("%n")
        .optionListHeading("%n");
  }

  private int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    session.out().flush();
    tell(
        WrongUsage.message(e) + "; see " + command.getCommandSpec().qualifiedName() + " --help", e);
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        session.err().line("Did you mean " + Printable.of(String.join(" or ", suggestions)) + "?");
      }
    }
    return WRONG_USAGE;
  }

  private int failed(Throwable failure, Object command) {
    if (failure instanceof OutputException output && output.isBrokenPipe()) {
      return 0;
    }
    if (failure instanceof CancellationException && session.interruption().isRequested()) {
      tell("interrupted", failure);
      return INTERRUPTED;
    }
    boolean usage =
        failure instanceof InvalidOptionException
            || failure instanceof ParameterException
            || Failures.isWrongUsage(failure);
    String subject =
        command instanceof OnCheckpoint one && Failures.isNameless(failure)
            ? "'" + one.subject() + "': "
            : "";
    tell(subject + Failures.message(failure), failure);
    return usage ? WRONG_USAGE : FAILED;
  }

  private void tell(String message, Throwable failure) {
    session.err().line("rkcp: " + Printable.of(message));
    if (debug || session.variable("RKCP_DEBUG").isPresent()) {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      trace
          .toString()
          .replace("\t", "    ")
          .lines()
          .map(Printable::of)
          .forEach(session.err()::line);
    }
  }
}
