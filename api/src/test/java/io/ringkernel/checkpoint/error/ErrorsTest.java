package io.ringkernel.checkpoint.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a person reads and a program branches on. */
class ErrorsTest {
  private final IOException cause = new IOException("the cause");

  static List<CheckpointException> each() {
    IOException cause = new IOException("the cause");
    return List.of(
        new AlreadyExistsException("n"),
        new BaseMismatchException("n", "is gone", cause),
        new ChangedMeanwhileException("n", "1", "2"),
        new CheckpointNotFoundException("n"),
        new ClosedException("m", cause),
        new CommitStateUnknownException("n", "0f", "ask", cause),
        new CodecUnavailableException(1, "m", cause),
        new CorruptCheckpointException(3, "r"),
        new CorruptCheckpointException(3, "r", cause, "0f"),
        new GroupException("g", "k", "m", cause),
        new InvalidNameException("n", "r"),
        new InvalidOptionException("o", "r", cause),
        new IsGroupException("n", List.of("k")),
        new KernelException("k", KernelException.Phase.CAPTURE, "m", cause),
        new LimitExceededException("w", 2, 1),
        new MemoryLostException("k", "m", cause),
        new NoneRestorableException("k", "m", Map.of("n", new CorruptCheckpointException(3, "r"))),
        new ProviderUnavailableException("n", "m", cause),
        new SourceExhaustedException("m"),
        new StaleWriterException("k", 1, 2),
        new StandingKernelException("k", "n", cause),
        new StallBudgetException("k", Duration.ofMillis(5), Duration.ofMillis(7), "m"),
        new StorageException("m", true, cause),
        new UnsupportedVersionException(9, List.of(1, 2)));
  }

  @ParameterizedTest
  @MethodSource("each")
  void travelsAsAnyExceptionDoes(CheckpointException error) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(error);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).hasToString(error.toString()).hasSameClassAs(error);
    }
  }

  @Test
  void aStandingKernelTellsAsWhatItIsSavedAndWhyItStands() {
    StandingKernelException error = new StandingKernelException("k", "a/1", cause);
    assertThat(error.kernelId()).isEqualTo("k");
    assertThat(error.savedAs()).isEqualTo("a/1");
    assertThat(error)
        .hasCause(cause)
        .hasMessageContaining("'k' is saved as 'a/1', but stands still: the cause");
  }

  @Test
  void corruptTellsOffsetAndReason() {
    CorruptCheckpointException error = new CorruptCheckpointException(-1, "a bad length", cause);

    assertThat(error)
        .hasMessage("corrupt at offset 18446744073709551615: a bad length")
        .hasCause(cause);
    assertThat(error.offset()).isEqualTo(-1);
    assertThat(error.reason()).isEqualTo("a bad length");
    assertThat(new CorruptCheckpointException(5, "x")).hasNoCause();
  }

  @Test
  void corruptWithinAPartIsToldWhereItIsInTheWhole() {
    CorruptCheckpointException part = new CorruptCheckpointException(7, "a bad length", cause);

    CorruptCheckpointException whole = part.shiftedBy(100);

    assertThat(whole).hasMessage("corrupt at offset 107: a bad length").hasRootCause(cause);
    assertThat(whole.offset()).isEqualTo(107);
    assertThat(whole.ancestor()).isEmpty();
  }

  @Test
  void corruptInAnOlderObjectTellsWhich() {
    CorruptCheckpointException error =
        new CorruptCheckpointException(7, "a bad length", cause, "0f");

    assertThat(error).hasMessage("corrupt at offset 7: a bad length").hasCause(cause);
    assertThat(error.ancestor()).contains("0f");
    assertThat(error.shiftedBy(1).ancestor()).contains("0f");
  }

  @Test
  void storedThingsAreNamedWithWhatToDo() {
    assertThat(new AlreadyExistsException("a/b"))
        .hasMessage("'a/b': already exists; choose another name or allow it to be replaced");
    assertThat(new AlreadyExistsException("A", "differs from 'a' by case alone").getMessage())
        .isEqualTo("'A': differs from 'a' by case alone");
    assertThat(new CheckpointNotFoundException("a"))
        .hasMessage("'a': nothing is stored under this name; list the store to see what is there");
    assertThat(new CheckpointNotFoundException("a", "no checkpoint of kernel k").name())
        .isEqualTo("a");
    assertThat(new ChangedMeanwhileException("a", "v1", "v2"))
        .hasMessage(
            "'a' changed meanwhile: expected version v1, found v2; read it again and decide anew");
    assertThat(new ChangedMeanwhileException("a", "v1", null))
        .hasMessage(
            "'a' changed meanwhile: expected version v1, found nothing;"
                + " read it again and decide anew");
    assertThat(new BaseMismatchException("b", "its root hash differs", cause))
        .hasMessage("base 'b': its root hash differs")
        .hasCause(cause);
  }

  @Test
  void numbersAreUnsigned() {
    assertThat(new StaleWriterException("k", 1, -1))
        .hasMessageContaining("epoch 1 is stale, the store is at epoch 18446744073709551615");
    assertThat(new LimitExceededException("chunk count", -1, 10))
        .hasMessage(
            "chunk count 18446744073709551615 is above the limit of 10;"
                + " raise the limit if this is what you mean");
    assertThat(new LimitExceededException("total size", 2, 1, "use format 2").getMessage())
        .isEqualTo("total size 2 is above the limit of 1; use format 2");
    assertThat(new UnsupportedVersionException(0xffff_ffffL, List.of(1, 2)))
        .hasMessage(
            "format version 4294967295 is not supported; supported: [1, 2];"
                + " a newer release of this library may read it");
  }

  @Test
  void kernelErrorsTellThePhaseAndTheDevicesCode() {
    KernelException plain =
        new KernelException("k", KernelException.Phase.QUIESCE, "it did not stop in 5 s", null);
    KernelException device =
        new KernelException("k", KernelException.Phase.RESTORE, "copy failed", 700, cause);

    assertThat(plain).hasMessage("kernel 'k', quiesce: it did not stop in 5 s").hasNoCause();
    assertThat(plain.deviceCode()).isEmpty();
    assertThat(device)
        .hasMessage("kernel 'k', restore: copy failed (device error 700)")
        .hasCause(cause);
    assertThat(device.deviceCode()).hasValue(700);
    assertThat(device.phase()).isEqualTo(KernelException.Phase.RESTORE);
    assertThat(device.kernelId()).isEqualTo("k");
    assertThat(device.reason()).isEqualTo("copy failed");
  }

  @Test
  void namesAKernelOnceAlsoWhereItsOwnErrorDoes() {
    KernelException own =
        new KernelException("k", KernelException.Phase.RESUME, "it hangs", 700, null);
    KernelException other = new KernelException("j", KernelException.Phase.RESUME, "it hangs", own);

    assertThat(new GroupException("g", "k", own.getMessage(), own))
        .hasMessage("group 'g', kernel 'k', resume: it hangs (device error 700)");
    assertThat(new GroupException("g", "k", other.getMessage(), other))
        .hasMessage("group 'g', kernel 'k': kernel 'j', resume: it hangs");
    assertThat(new StandingKernelException("k", "a/1", own))
        .hasMessageStartingWith(
            "kernel 'k' is saved as 'a/1', but stands still: it hangs (device error 700); nothing");
  }

  @Test
  void aGroupErrorNamesTheCulprit() {
    GroupException known = new GroupException("g", "k", "it did not stop", cause);
    GroupException unknown = new GroupException("g", null, "it is open already", null);

    assertThat(known).hasMessage("group 'g', kernel 'k': it did not stop").hasCause(cause);
    assertThat(known.culprit()).contains("k");
    assertThat(known.group()).isEqualTo("g");
    assertThat(unknown).hasMessage("group 'g': it is open already").hasNoCause();
    assertThat(unknown.culprit()).isEmpty();
  }

  @Test
  void lostMemoryIsToldWithWhatMustNotBeDone() {
    MemoryLostException error = new MemoryLostException("k", "a copy did not end", cause);

    assertThat(error)
        .hasMessage(
            "kernel 'k': memory is lost that was given for a transfer: a copy did not end; the"
                + " device may still use it: don't use it again, nor free it, in this process")
        .hasCause(cause);
    assertThat(error.kernelId()).isEqualTo("k");
  }

  @Test
  void aStallOverItsBudgetIsToldWithBoth() {
    StallBudgetException error =
        new StallBudgetException("k", Duration.ofMillis(5), Duration.ofMillis(7), "raise it");

    assertThat(error)
        .hasMessage("kernel 'k': a stall of 7 ms is over the budget of 5 ms: raise it");
    assertThat(error.kernelId()).isEqualTo("k");
    assertThat(error.budget()).isEqualTo(Duration.ofMillis(5));
    assertThat(error.stall()).isEqualTo(Duration.ofMillis(7));
  }

  @Test
  void whatMayHaveBeenCommittedTellsWhatToAskFor() {
    CommitStateUnknownException passing =
        new CommitStateUnknownException(
            "a", "0f", "ask for it", new StorageException("connection lost", true, null));

    assertThat(passing).hasMessage("'a' may have been committed: connection lost; ask for it");
    assertThat(passing.name()).isEqualTo("a");
    assertThat(passing.id()).isEqualTo("0f");
    assertThat(passing.isTransient()).isTrue();
    assertThat(
            new CommitStateUnknownException("a", "0f", "ask", new ClosedException("m"))
                .isTransient())
        .isFalse();
  }

  @Test
  void whenNoneCanBeRestoredEachReasonIsToldInItsOrder() {
    CorruptCheckpointException newest = new CorruptCheckpointException(3, "r");
    CheckpointNotFoundException older = new CheckpointNotFoundException("older");
    Map<String, CheckpointException> reasons = new LinkedHashMap<>();
    reasons.put("z", newest);
    reasons.put("a", older);

    NoneRestorableException error = new NoneRestorableException("k", "none is whole", reasons);

    assertThat(error).hasMessage("'k': none is whole").hasSuppressedException(older);
    assertThat(error.subject()).isEqualTo("k");
    assertThat(error.reasons().keySet()).containsExactly("z", "a");
    assertThat(error.reasons()).containsEntry("z", newest);
    assertThat(error.getSuppressed()).containsExactly(newest, older);
  }

  @Test
  void otherWordsKeepWhatAProgramBranchesOn() {
    UnsupportedVersionException version = new UnsupportedVersionException(9, List.of(1, 2));
    LimitExceededException limit = new LimitExceededException("metadata length", 2, 1);

    UnsupportedVersionException versionIn = version.reworded("no");
    LimitExceededException limitIn = limit.reworded("too long");

    assertThat(versionIn).hasMessage("no").hasCause(version);
    assertThat(versionIn.found()).isEqualTo(9);
    assertThat(limitIn).hasMessage("too long").hasCause(limit);
    assertThat(limitIn.what()).isEqualTo("metadata length");
    assertThat(((UnsupportedVersionException) version.in("a")).reworded("no"))
        .hasMessage("'a': no");
    assertThat(((LimitExceededException) limit.in("a")).reworded("no")).hasMessage("'a': no");
  }

  private static List<ContentException> findings() {
    return List.of(
        new CodecUnavailableException(2, "zstd is missing", null),
        new CorruptCheckpointException(3, "not a header"),
        new LimitExceededException("metadata length", 2, 1),
        new UnsupportedVersionException(9, List.of(1, 2)));
  }

  @ParameterizedTest
  @MethodSource("findings")
  void whatIsFoundInBytesGetsTheNameOfTheirCheckpointOnce(ContentException found) {
    ContentException named = found.in("a");

    assertThat(found.checkpoint()).isEmpty();
    assertThat(found).hasMessage(found.finding());
    assertThat(named).hasSameClassAs(found).hasMessage("'a': " + found.finding()).hasCause(found);
    assertThat(named.checkpoint()).hasValue("a");
    assertThat(named.finding()).isEqualTo(found.finding());
    assertThat(named.in("b")).isSameAs(named);
  }

  @Test
  void aStorageErrorTellsWhetherToTryAgain() {
    assertThat(new StorageException("lost connection", true, cause).isTransient()).isTrue();
    assertThat(new StorageException("disk full", false, null).isTransient()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 0x1b, 0x7f, 0x9b, 0x202e, 0x2066, 0x200b, 0x2028, 0x2029, 0xfeff})
  void aHostileNameReachesNoTerminal(int character) {
    String message =
        new InvalidNameException("a" + Character.toString(character) + "b", "r").getMessage();

    assertThat(message)
        .isEqualTo(String.format("invalid name 'a\\u%04xb': r", character))
        .matches("\\p{Print}*");
  }

  @Test
  void whatCanBePrintedIsShownAsItIs() {
    assertThat(new InvalidNameException("ünïcödé \ud83c\udf0a '", "r"))
        .hasMessage("invalid name 'ünïcödé \ud83c\udf0a '': r");
    assertThat(new InvalidNameException("a\ud800", "r")).hasMessage("invalid name 'a\\ud800': r");
  }

  @Test
  void aLongNameIsCutAtWholeCharacters() {
    String wave = "\ud83c\udf0a";

    assertThat(new InvalidNameException(wave.repeat(200), "r"))
        .hasMessage("invalid name '" + wave.repeat(200) + "': r");
    assertThat(new InvalidNameException(wave.repeat(201), "r"))
        .hasMessage("invalid name '" + wave.repeat(200) + "...': r");
  }
}
