package io.ringkernel.checkpoint.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickStartTest {
  private static final Path SOURCE =
      Path.of("src/main/java/io/ringkernel/checkpoint/examples/QuickStart.java");
  private static final Path README = Path.of("../README.md");

  @Test
  void savesAndRestoresAsTheReadmeSays(@TempDir Path store) {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      QuickStart.main(new String[] {"file:" + store});
    } finally {
      System.setOut(before);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).startsWith("saved wave-0/00000000000000000000-");
    assertThat(lines.get(1)).isEqualTo(lines.get(0).replace("saved", "restored"));
    assertThat(lines.get(2)).isEqualTo("the field holds 42");
  }

  @Test
  void isWhatTheReadmeShows() throws Exception {
    // All but the package: who copies it has one of their own, or none.
    List<String> code = Files.readAllLines(SOURCE).stream().skip(2).toList();
    List<String> shown =
        between(
            Files.readAllLines(README), line -> line.equals("```java"), line -> line.equals("```"));
    assertThat(shown).isNotEmpty().isEqualTo(code);
  }

  private static List<String> between(
      List<String> lines, Predicate<String> start, Predicate<String> end) {
    return lines.stream().dropWhile(start.negate()).skip(1).takeWhile(end.negate()).toList();
  }
}
