package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.Dim3;
import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.error.UnsupportedVersionException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries and heads: what is written, and that nothing else is read. */
class RecordTest {
  private static final ObjectId ID = new ObjectId("00112233445566778899aabbccddeeff");
  private static final ObjectId NONCE = new ObjectId("f".repeat(32));
  private static final String TEXT =
      """
      rkcp-entry 1
      object 00112233445566778899aabbccddeeff
      format 2
      kind delta
      root abababababababababababababababababababababababababababababababab
      file-size 4096
      state-size 18446744073709551
      codec zstd
      kernel-id sim%2042%0a%25%e2%82%ac
      kernel-type\s
      step 18446744073709551615
      grid 4294967295 0 1
      tile 2 3 4
      hlc 5 6 18446744073709551615
      created 7
      sequence 9
      epoch 3
      nonce ffffffffffffffffffffffffffffffff
      savepoint yes
      tags best with%20space
      ancestors 00112233445566778899aabbccddeeff ffffffffffffffffffffffffffffffff
      """;

  private static Entry entry() {
    StoredFile file =
        new StoredFile(
            ID,
            2,
            CheckpointKind.DELTA,
            new RootHash("ab".repeat(32)),
            null,
            4096,
            18446744073709551L,
            "zstd",
            List.of(ID, NONCE));
    CheckpointMetadata metadata =
        CheckpointMetadata.builder("sim 42\n%€", "")
            .step(-1)
            .gridSize(new Dim3(-1, 0, 1))
            .tileSize(new Dim3(2, 3, 4))
            .hlc(new HlcTimestamp(5, 6, -1))
            .createdAtMicros(7)
            .custom("not", "kept")
            .build();
    Entry plain = Entry.of(file, metadata, new CommitMark(9, 3, NONCE, false), false);
    return new Entry(
        plain.file(),
        plain.metadata(),
        plain.mark(),
        new TreeSet<>(List.of("with space", "best")),
        true,
        0,
        null,
        null,
        List.of());
  }

  private static byte[] signed(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return (text + String.format("crc32 %08x\n", crc.getValue()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void anEntryTellsWhoIsAboutToReplaceItUntilItIsWrittenAgain() {
    Entry claimed = entry().succeededBy("an other");

    assertThat(Entry.decode(claimed.encode())).isEqualTo(claimed);
    assertThat(claimed.awaits()).isEqualTo("an other");
    assertThat(claimed.withTags(new TreeSet<>()).awaits()).isEqualTo(entry().awaits());
    Entry reclaimed = claimed.succeededBy(entry().metadata().kernelId());
    assertThat(reclaimed.awaits()).isEqualTo(entry().metadata().kernelId());
    assertThat(reclaimed.encode()).as("a version never comes back").isNotEqualTo(entry().encode());
  }

  @Test
  void anEntryIsTextAsTheDocumentationShowsIt() {
    assertThat(new String(entry().encode(), StandardCharsets.US_ASCII))
        .isEqualTo(new String(signed(TEXT), StandardCharsets.US_ASCII));
  }

  @Test
  void anEntryReadsAsItWasWritten() {
    assertThat(Entry.decode(entry().encode())).isEqualTo(entry());
    assertThat(Entry.decode(entry().encode()).metadata().custom()).isEmpty();
  }

  @Test
  void anEntryOfVersion1PinsItsHeader() {
    StoredFile file =
        new StoredFile(ID, 1, CheckpointKind.FULL, null, 0x89abcdef, 1, 2, "none", List.of());
    Entry entry =
        Entry.of(
            file,
            CheckpointMetadata.builder("k", "t").build(),
            new CommitMark(1, 0, NONCE, false),
            false);

    assertThat(new String(entry.encode(), StandardCharsets.US_ASCII))
        .contains("\nheader-crc32 89abcdef\n")
        .doesNotContain("\nroot ");
    assertThat(Entry.decode(entry.encode())).isEqualTo(entry);
  }

  @Test
  void aHeadReadsAsItWasWritten() {
    Head initial = Head.initial("k €");
    Head claimed = initial.claimedBy(ID);
    Head onOther = claimed.committed(new Head.Latest("a/b c", "v1", entry()));
    Head onVersion = claimed.committed(new Head.Latest("a", "v %1", entry()));

    Head withImport = onOther.withImport(new Head.Latest("b", "v2", entry()));

    for (Head head : List.of(initial, claimed, onOther, onVersion, withImport)) {
      assertThat(Head.decode(head.encode())).isEqualTo(head);
    }
    assertThat(claimed.epoch()).isEqualTo(1);
    assertThat(onOther.sequence()).isEqualTo(9);
  }

  @Test
  void linesOfALaterReleaseAreKept() {
    String later = TEXT + "future some%20thing else\n";

    Entry entry = Entry.decode(signed(later));

    assertThat(entry.rest()).containsExactly("future some%20thing else");
    assertThat(new String(entry.encode(), StandardCharsets.US_ASCII))
        .isEqualTo(new String(signed(later), StandardCharsets.US_ASCII));
  }

  @Test
  void anEntryMayTellOfNoStateAtAll() {
    String empty = TEXT.replaceFirst("(?m)^state-size .*$", "state-size 0");

    assertThat(Entry.decode(signed(empty)).file().stateSize()).isZero();
  }

  @Test
  void aLaterVersionIsRefusedAsSuch() {
    assertThatThrownBy(() -> Entry.decode(signed(TEXT.replace("entry 1\n", "entry 2\n"))))
        .isInstanceOf(UnsupportedVersionException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "18446744073709551615"})
  void tellsAFileOfALaterReleaseFromADamagedEntry(String format) {
    String later = TEXT.replaceFirst("(?m)^format .*$", "format " + format);

    assertThatThrownBy(() -> Entry.decode(signed(later)))
        .isInstanceOf(UnsupportedVersionException.class)
        .hasMessageContaining("format version " + format);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "object 00112233445566778899AABBCCDDEEFF",
        "object",
        "format 0",
        "format 02",
        "kind half",
        "kind full",
        "root ab",
        "file-size -1",
        "file-size 18446744073709551615",
        "state-size 18446744073709551616",
        "codec a b",
        "kernel-id %",
        "kernel-id %4",
        "kernel-id %zz",
        "kernel-id %ff",
        "step +1",
        "step 1 2",
        "grid 4294967296 0 0",
        "grid 1 2",
        "hlc 1 2 3 4",
        "created ",
        "nonce 12",
        "ancestors 12"
      })
  void refusesALineThatCanNotBeMeant(String line) {
    String key = line.split(" ", -1)[0];
    String broken = TEXT.replaceFirst("(?m)^" + key + "\\b.*$", line);
    assertThat(broken).isNotEqualTo(TEXT);

    assertThatThrownBy(() -> Entry.decode(signed(broken)))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "object",
        "format",
        "kind",
        "root",
        "file-size",
        "state-size",
        "codec",
        "kernel-id",
        "kernel-type",
        "step",
        "grid",
        "tile",
        "hlc",
        "created",
        "sequence",
        "epoch",
        "nonce",
        "ancestors"
      })
  void refusesAnEntryThatLacksALine(String key) {
    assertThatThrownBy(() -> Entry.decode(signed(TEXT.replaceFirst("(?m)^" + key + "\\b.*\n", ""))))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(key);
  }

  @Test
  void refusesAKeyThatIsThereTwice() {
    assertThatThrownBy(() -> Entry.decode(signed(TEXT + "step 1\n")))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void refusesAnythingButPrintableLines() {
    for (String odd : List.of("\t", "\r", "\u0000", "\u00e9", "\u007f")) {
      assertThatThrownBy(() -> Entry.decode(signed(TEXT + "x " + odd + "\n")))
          .isInstanceOf(CorruptCheckpointException.class);
    }
    assertThatThrownBy(() -> Entry.decode(signed(TEXT + "no end")))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThatThrownBy(() -> Entry.decode(signed(TEXT + "\n")))
        .isInstanceOf(CorruptCheckpointException.class);
    assertThatThrownBy(() -> Entry.decode(signed(TEXT + "UPPER x\n")))
        .isInstanceOf(CorruptCheckpointException.class);
  }

  @Test
  void refusesEveryFlippedByteAndEveryCut() {
    byte[] entry = entry().encode();
    byte[] head = Head.initial("k").committed(new Head.Latest("a", "v", entry())).encode();
    assertRefused(entry, Entry::decode);
    assertRefused(head, Head::decode);
    assertRefused(ClearingNote.of("a version").encode(), ClearingNote::decode);
  }

  @Test
  void aClearingNoteReadsAsItWasWrittenAndIsLikeNoOther() {
    ClearingNote note = ClearingNote.of("a version/%2");

    assertThat(ClearingNote.decode(note.encode())).isEqualTo(note);
    assertThat(note.stampedAnew().cleared()).isEqualTo(note.cleared());
    assertThat(List.of(ClearingNote.of("a version/%2"), note.stampedAnew())).doesNotContain(note);
  }

  private static void assertRefused(byte[] record, Consumer<byte[]> decode) {
    for (int i = 0; i < record.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = record.clone();
        flipped[i] ^= (byte) (1 << bit);
        assertThatThrownBy(() -> decode.accept(flipped)).isInstanceOf(CheckpointException.class);
      }
    }
    for (int length = 0; length < record.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(record, length);
      assertThatThrownBy(() -> decode.accept(cut)).isInstanceOf(CheckpointException.class);
    }
  }

  @Test
  void nothingButItsOwnErrorsComesOutOfHostileText() {
    Random random = new Random(42);
    String head =
        new String(
            Head.initial("k").committed(new Head.Latest("a", "v", entry())).encode(),
            StandardCharsets.US_ASCII);
    String headText = head.substring(0, head.lastIndexOf("crc32"));
    for (int round = 0; round < 20_000; round++) {
      String text = mutated(round % 2 == 0 ? TEXT : headText, random);
      byte[] record = signed(text);
      try {
        if (round % 2 == 0) {
          Entry.decode(record);
        } else {
          assertThat(Head.salvage(record)).hasSizeLessThanOrEqualTo(1);
          Head.decode(record);
        }
      } catch (CheckpointException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
  }

  private static String mutated(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      int at = random.nextInt(mutated.length());
      switch (random.nextInt(4)) {
        case 0 -> mutated.setCharAt(at, (char) (32 + random.nextInt(96)));
        case 1 -> mutated.deleteCharAt(at);
        case 2 -> mutated.insert(at, "% \n0-9".charAt(random.nextInt(6)));
        default -> mutated.insert(at, text, 0, random.nextInt(text.length()));
      }
    }
    return mutated.toString();
  }

  @Test
  void aHeadCanNotPointIntoTheEnginesOwnObjects() {
    for (String name : List.of(".rkcp/objects/aa/bb", ".RKCP", "../x", "", "/a")) {
      byte[] head = Head.initial("k").committed(new Head.Latest(name, "v", entry())).encode();
      assertThatThrownBy(() -> Head.decode(head)).isInstanceOf(CorruptCheckpointException.class);
    }
  }

  @Test
  void refusesToWriteWhatIsTooLongToBeRead() {
    CheckpointMetadata metadata = CheckpointMetadata.builder("\n".repeat(2 << 20), "").build();
    Entry entry = Entry.of(entry().file(), metadata, entry().mark(), false);

    assertThatThrownBy(entry::encode)
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("kernel's id");
    assertThatThrownBy(() -> Entry.decode(new byte[(4 << 20) + 1]))
        .isInstanceOf(LimitExceededException.class);
  }
}
