package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What one invocation of rkcp stands in: streams, environment, and the work that Ctrl-C ends.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 * @param environment variables of the process
 * @param interruption cancels what is waited for
 */
record Session(
    InputStream in,
    Output out,
    Output err,
    Map<String, String> environment,
    Interruption interruption) {

  /** A variable of the environment, unless it is empty. */
  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  /** Where large temporary files may lie. */
  Path temporaryDirectory() {
    return Path.of(
        variable("TMPDIR").orElseGet(() -> System.getProperty("java.io.tmpdir", "/tmp")));
  }

  /** Waits for work that has a value; Ctrl-C cancels it. */
  <T> T await(Mono<T> work) {
    return Objects.requireNonNull(interruption.await(work), "the work ended without a value");
  }

  /** Waits for work; Ctrl-C cancels it. */
  void finish(Mono<?> work) {
    @Nullable Object unused = interruption.await(work.then());
  }

  /** Tells on standard error what went wrong with one of several things; the command goes on. */
  void problem(String message) {
    notice(message);
  }

  /** Tells on standard error what is no failure, and no part of the output either. */
  void notice(String message) {
    out.flush();
    err.line("rkcp: " + Printable.of(message));
  }

  /** One line of JSON on standard output. */
  void json(Json object) {
    out.line(object.toString());
  }
}
