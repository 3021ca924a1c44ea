package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Mono;

/** Which store a command works on. */
final class StoreOption {
  /** Names the store when the option does not. */
  static final String VARIABLE = "RKCP_STORE";

  @Option(
      names = {"-s", "--store"},
      paramLabel = "URI",
      description = "The store: file:/path, gs://... or s3://... (default: " + VARIABLE + ").")
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

  /**
   * The store's URI, if there may be a store: who only looks must not take a mistyped directory for
   * an empty store.
   *
   * @throws RefusedException when its directory does not exist
   */
  String existing(Session session) {
    return existing(require(session));
  }

  private String existing(String uri) {
    requireLasting(uri);
    Optional<Path> directory = StoreDirectory.of(uri);
    Optional<Path> missing = directory.filter(Files::notExists);
    if (missing.isPresent()) {
      throw new RefusedException(
          "there is no store at "
              + uri
              + ": '"
              + missing.get()
              + "' does not exist; correct the path, or create a store with rkcp save");
    }
    Optional<Path> file = directory.filter(Files::isRegularFile);
    if (file.isPresent()) {
      throw RefusedException.wrongUsage(
          "there is no store at "
              + uri
              + ": '"
              + file.get()
              + "' is a file; a checkpoint's file is given as FILE, without -s");
    }
    return uri;
  }

  /** Opens a store that is there, with the defaults. */
  Store open(Session session) {
    return openExisting(require(session), session);
  }

  /** The same, of a store that was told in another way than by the option. */
  Store openExisting(String uri, Session session) {
    return new Store(Checkpointer.open(existing(uri)), session);
  }

  /**
   * Refuses a place where nothing is stored: who tidies or verifies a store must not take a
   * mistyped directory, or a disk that is not mounted, for one that is tidy or whole.
   *
   * @throws RefusedException when there is nothing
   */
  void requireUsed(Session session) {
    String uri = existing(session);
    boolean used =
        session.await(
            Mono.usingWhen(
                Mono.fromSupplier(() -> CheckpointStorages.open(uri)),
                storage -> storage.list("").hasElements(),
                CheckpointStorage::close));
    if (!used) {
      throw new RefusedException(
          "there is no store at " + shown(session) + ": nothing was ever saved there");
    }
  }

  /** Opens a store to write to, with the defaults. */
  Store openTarget(String uri, Session session) {
    requireLasting(uri);
    return new Store(Checkpointer.open(uri), session);
  }

  /**
   * Refuses a store that ends with this process: what is saved there is lost at once.
   *
   * @throws ParameterException when it is one
   */
  void requireLasting(String uri) {
    if (uri.startsWith("memory:")) {
      throw wrongUsage(
          "'" + uri + "' keeps nothing when rkcp ends: name a store of file:, gs: or s3:");
    }
  }

  /** The store's URI as a message tells it: without values that may be secrets. */
  String shown(Session session) {
    return StorageOptions.parse(require(session)).toString();
  }

  /** An error of whoever called the command. */
  ParameterException wrongUsage(String message) {
    if (command == null) {
      throw new IllegalStateException("not part of a command");
    }
    return new ParameterException(command.commandLine(), message);
  }
}
