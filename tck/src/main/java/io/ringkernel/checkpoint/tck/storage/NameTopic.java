package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Names: refused before any I/O, or kept apart from every other. */
abstract class NameTopic extends StorageTopic {
  NameTopic(StorageContract backend) {
    super(backend);
  }

  static Stream<String> illegalNames() {
    return Stream.of(
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "./a",
        "a/.",
        "a\u0000b",
        "a\nb",
        "a\u007f",
        "a\u0085b",
        "\ud800",
        "a\udc00b",
        "x".repeat(901),
        "\u00e9".repeat(451),
        ("d".repeat(99) + "/").repeat(9) + "e");
  }

  @ParameterizedTest
  @MethodSource("illegalNames")
  void refusesAnIllegalNameWhateverIsAsked(String name) {
    Flux<OwnedBuffer> content = buffers.pieces(bytes(1, 10), PIECE);
    for (Mono<?> call :
        List.of(
            storage().save(name, content, SaveOptions.replace()),
            storage().stat(name),
            storage().exists(name),
            storage().read(name, Range.all(), null),
            storage().delete(name),
            storage().delete(name, "1"))) {
      assertThat(failureOf(call)).isInstanceOf(InvalidNameException.class);
    }
    assertThat(buffers.made()).as("pieces taken from the source").isZero();
    assertThat(names("")).isEmpty();
  }

  /** Legal, but trouble for file systems, shells, URLs or encodings. */
  static List<String> hostileNames() {
    List<String> names = new ArrayList<>();
    names.addAll(
        List.of(
            "a",
            "a/b",
            "a.rkcp",
            "a.rkcp/b",
            "a.rkcp.rkcp",
            "a.rkcp/b.rkcp",
            ".rkcp",
            ".rkcp/a",
            ".a",
            "...",
            ".../...",
            "..a",
            "a..",
            "a../b",
            "a.",
            "a./b",
            "a ",
            "a /b",
            " a",
            " ",
            "-rf",
            "~",
            "$HOME",
            "`id`",
            "a&b;c|d",
            "a%",
            "a%2Fb",
            "%",
            "%%",
            "%41",
            "A1",
            "%20",
            "a+b",
            "a b",
            "a?b",
            "a*b",
            "a:b",
            "a\\b",
            "..\\a",
            "<a>",
            "\"a\"",
            "a#b",
            "con",
            "nul.txt",
            "aux/x",
            "com1",
            "lpt9.a/b",
            "%lock",
            "%tmp",
            "lock",
            "tmp/x"));
    names.addAll(
        List.of(
            "\u00fcn\u00efc\u00f6d\u00e9",
            "\u65e5\u672c/\u8a9e",
            "\ud83d\ude80",
            "\u202egnp.exe",
            "\ufeffbom",
            "\u00c3\u00bc",
            "i\u0307",
            "\uffff"));
    names.addAll(
        List.of(
            "x".repeat(200),
            "x".repeat(255),
            "x".repeat(300),
            "x".repeat(900),
            "\u00e9".repeat(120),
            "%".repeat(80),
            "d/".repeat(200) + "e"));
    return names;
  }

  @Test
  void keepsHostileNamesApart() {
    List<String> kept = new ArrayList<>();
    for (String name : hostileNames()) {
      Throwable refusal = failureOf(saving(name, own(name), SaveOptions.onlyIfAbsent()));
      if (refusal == null) {
        kept.add(name);
      } else {
        assertThat(refusal).as(name).isInstanceOf(InvalidNameException.class);
      }
    }
    assertThat(kept).contains("a", "a/b", "a.rkcp", "a.rkcp/b", "\u00fcn\u00efc\u00f6d\u00e9");
    for (String name : kept) {
      assertThat(read(name)).as(name).isEqualTo(own(name));
    }
    List<String> listed = listable(kept);
    assertThat(names("")).doesNotHaveDuplicates().containsAll(listed).isSubsetOf(kept);
    listed.forEach(name -> assertThat(names(name)).as(name).contains(name));
    kept.forEach(name -> await(storage().delete(name)));
    assertThat(names("")).isEmpty();
  }

  private static byte[] own(String name) {
    return ("of " + name).getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sim", "SIM", "siM"})
  void keepsNamesApartThatDifferByCaseAlone(String other) {
    save("sim", own("sim"));
    assertAbsent(other);
    assertThat(names(other)).isEmpty();
    assertCaseRule("sim", other);
  }

  @Test
  void keepsDirectoriesApartThatDifferByCaseAlone() {
    save("run/\u00e9t\u00e9/a", own("run/\u00e9t\u00e9/a"));
    assertAbsent("RUN/\u00e9t\u00e9/a");
    assertCaseRule("run/\u00e9t\u00e9/a", "Run/\u00e9t\u00e9/b");
    assertCaseRule("run/\u00e9t\u00e9/a", "run/\u00c9t\u00e9/c");
  }

  private void assertCaseRule(String first, String second) {
    Throwable refusal = failureOf(saving(second, own(second), SaveOptions.replace()));
    if (can(StorageCapability.CASE_SENSITIVE)) {
      assertThat(refusal).isNull();
      assertThat(read(second)).isEqualTo(own(second));
    } else {
      assertThat(refusal).isInstanceOf(AlreadyExistsException.class).hasMessageContaining(second);
      assertAbsent(second);
      assertNoLeftovers();
    }
    assertThat(read(first)).isEqualTo(own(first));
  }

  @Test
  void letsANameBeUsedOnceTheOneThatDiffersByCaseIsGone() {
    save("Deep/Sim", own("Deep/Sim"));
    await(storage().delete("Deep/Sim"));
    save("deep/sim", own("deep/sim"));
    assertThat(names("")).containsExactly("deep/sim");
  }
}
