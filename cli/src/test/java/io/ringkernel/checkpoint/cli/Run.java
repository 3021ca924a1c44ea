package io.ringkernel.checkpoint.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One invocation of rkcp in this process, and what came of it. */
record Run(int code, ByteArrayOutputStream output, String err) {
  static Run rkcp(Object... args) {
    return with(Map.of(), new byte[0], args);
  }

  static Run with(Map<String, String> environment, byte[] in, Object... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Session session =
        new Session(
            new ByteArrayInputStream(in),
            new Output(out, false, false),
            new Output(err, false, true),
            environment,
            new Interruption());
    int code = Rkcp.run(Stream.of(args).map(String::valueOf).toArray(String[]::new), session);
    return new Run(code, out, err.toString(StandardCharsets.UTF_8));
  }

  /** What starts rkcp in a process of its own. */
  static List<String> command(List<Object> args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Rkcp.class.getName());
    args.forEach(arg -> command.add(String.valueOf(arg)));
    return command;
  }

  /** The URI of a file store in a directory. */
  static String store(Path directory) {
    return "file:" + directory;
  }

  byte[] bytes() {
    return output.toByteArray();
  }

  String out() {
    return output.toString(StandardCharsets.UTF_8);
  }

  List<String> lines() {
    return out().lines().toList();
  }

  Object json() {
    return StrictJson.parse(out());
  }

  /** Checks that the command had nothing to print, and told that on standard error. */
  void hasNothingBut(String notice) {
    if (code != 0 || output.size() > 0 || !err.equals("rkcp: " + notice + "\n")) {
      throw new AssertionError(
          "exit code " + code + ", output:\n" + out() + "standard error:\n" + err);
    }
  }

  /** This, if the command did what it was asked to. */
  Run done() {
    if (code != 0 || !err.isEmpty()) {
      throw new AssertionError("exit code " + code + ", standard error:\n" + err);
    }
    return this;
  }
}
