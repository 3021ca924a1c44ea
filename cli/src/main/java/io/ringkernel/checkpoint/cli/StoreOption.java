package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.Checkpointer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which store a command works on. */
final class StoreOption {
  /** Names the store when the option does not. */
  static final String VARIABLE = "RKCP_STORE";

  @Option(
      names = {"-s", "--store"},
      paramLabel = "URI",
      description = "The store, as file:/path; else the variable " + VARIABLE + " names it.")
  private @Nullable String uri;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Whether the option itself was given. */
  boolean isGiven() {
    return uri != null;
  }

  /** The store's URI, if there is one. */
  Optional<String> uri(Session session) {
    return uri != null ? Optional.of(uri) : session.variable(VARIABLE);
  }

  /**
   * The store's URI.
   *
   * @throws ParameterException when nothing names a store
   */
  String require(Session session) {
    return uri(session).orElseThrow(() -> wrongUsage("no store: give -s URI or set " + VARIABLE));
  }

  /** Opens the store with the defaults. */
  Store open(Session session) {
    return new Store(Checkpointer.open(require(session)), session);
  }

  /** An error of whoever called the command. */
  ParameterException wrongUsage(String message) {
    if (command == null) {
      throw new IllegalStateException("not part of a command");
    }
    return new ParameterException(command.commandLine(), message);
  }
}
