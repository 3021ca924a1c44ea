package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What libraries log, as Netty does when a server is gone in the middle of an answer. */
@Timeout(120)
class LibraryLogsTest {
  /** Logs as a library, in the process of an rkcp, or of a JVM whose rkcp is to be debugged. */
  static final class Library {
    public static void main(String[] args) {
      if (args[0].equals("quiet")) {
        Rkcp.quietLibraries();
      }
      Logger.getLogger("io.netty").warning("got over something");
    }
  }

  private static String standardError(String how) throws Exception {
    List<String> command = Run.command(List.of(how));
    command.set(command.indexOf(Rkcp.class.getName()), Library.class.getName());
    Process process = new ProcessBuilder(command).start();
    String told = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(told).isZero();
    return told;
  }

  @Test
  void areNotToldUnlessWanted() throws Exception {
    assertThat(standardError("quiet")).isEmpty();
    assertThat(standardError("debug")).contains("got over something");
  }
}
