package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.CheckpointException;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The record that all commits for one kernel go through; writing it conditionally is the commit.
 *
 * @param kernelId which kernel
 * @param sequence of its last commit; 0 before the first; unsigned
 * @param epoch raised by each claim; 0 before the first; unsigned
 * @param writer who claimed last; null before the first claim
 * @param fences how often a collector changed this only to refuse a writer that it held dead;
 *     unsigned
 * @param partial whether a repair has put the checkpoints in another order that could not read all
 *     of them, or found that numbers and times of creation don't agree: until the next one their
 *     numbers may not tell which is newer
 * @param latest the commit of the newest checkpoint; null before the first, and when an import took
 *     its name
 * @param imported the last import, if none was committed since that is newer; else null
 * @param rest lines of a later release, kept when this is written again
 */
record Head(
    String kernelId,
    long sequence,
    long epoch,
    @Nullable ObjectId writer,
    long fences,
    boolean partial,
    @Nullable Latest latest,
    @Nullable Latest imported,
    List<String> rest) {
  /**
   * A commit whose entry may not lie under its name yet. It counts exactly as long as the name
   * holds what it held when this was decided; when it no longer does, either the entry was written,
   * or somebody else came first and this commit is void.
   *
   * @param name where the entry belongs
   * @param base the storage's version of what was there before: a placeholder, if nothing was
   * @param entry what belongs there
   */
  record Latest(String name, String base, Entry entry) {
    /**
     * One whose entry lies under its name already: no version is empty, so it waits for nothing.
     */
    static Latest placed(String name, Entry entry) {
      return new Latest(name, "", entry);
    }

    boolean is(ObjectId nonce) {
      return entry.mark().nonce().equals(nonce);
    }
  }

  /** Of a kernel that nobody has saved yet. */
  static Head initial(String kernelId) {
    return new Head(kernelId, 0, 0, null, 0, false, null, null, List.of());
  }

  /** Whether it knows of no commit, as before the first or when it was lost. */
  boolean isNew() {
    return sequence == 0 && commits().isEmpty();
  }

  Head claimedBy(ObjectId claimant) {
    return new Head(
        kernelId, sequence, epoch + 1, claimant, fences, partial, latest, imported, rest);
  }

  /** The same with another commit, which is the newest. */
  Head committed(Latest commit) {
    CommitMark mark = commit.entry().mark();
    return new Head(
        kernelId, mark.sequence(), mark.epoch(), writer, fences, partial, commit, null, rest);
  }

  /** The same with an import, which is not the newest. */
  Head withImport(Latest commit) {
    long its = commit.entry().mark().epoch();
    return new Head(kernelId, sequence, its, writer, fences, partial, latest, commit, rest);
  }

  /** The same but for its bytes: a version that was read before is not there any more. */
  Head fenced() {
    return new Head(kernelId, sequence, epoch, writer, fences + 1, partial, latest, imported, rest);
  }

  /**
   * The same with higher numbers and another newest checkpoint, and without what waits: whoever
   * claimed before can't commit any more.
   */
  Head repaired(long higherSequence, long higherEpoch, boolean isPartial, @Nullable Latest newest) {
    return new Head(
        kernelId, higherSequence, higherEpoch, writer, fences, isPartial, newest, null, rest);
  }

  /** The commits whose entries may not lie under their names yet. */
  List<Latest> commits() {
    return Stream.of(latest, imported).filter(Objects::nonNull).toList();
  }

  /** The commit that belongs under a name and is not there yet, if it is among them. */
  Optional<Latest> awaited(String name, Slot slot) {
    return slot.awaited(commits().stream().filter(commit -> commit.name().equals(name)));
  }

  byte[] encode() {
    RecordWriter out = new RecordWriter(RecordKind.HEAD);
    out.line("kernel-id", kernelId).numbers("sequence", sequence).numbers("epoch", epoch);
    if (writer != null) {
      out.line("writer", writer.hex());
    }
    out.count("fences", fences).flag("partial", partial);
    encode(out, "latest", latest);
    encode(out, "imported", imported);
    return out.raw(rest).bytes();
  }

  private static void encode(RecordWriter out, String key, @Nullable Latest commit) {
    if (commit != null) {
      out.line(key + "-name", commit.name())
          .line(key + "-base", commit.base())
          .line(key + "-entry", commit.entry().quoted());
    }
  }

  /**
   * Reads a head.
   *
   * @throws CorruptCheckpointException with the offset in the record
   */
  static Head decode(byte[] bytes) {
    RecordReader in = RecordReader.parse(RecordKind.HEAD, bytes);
    String kernelId = in.text("kernel-id");
    long sequence = in.number("sequence");
    long epoch = in.number("epoch");
    ObjectId writer = in.optional("writer", ObjectId::new).orElse(null);
    long fences = in.count("fences");
    boolean partial = in.flag("partial");
    Latest latest = commit(in, "latest");
    Latest imported = commit(in, "imported");
    return new Head(
        kernelId, sequence, epoch, writer, fences, partial, latest, imported, in.rest());
  }

  /**
   * The commits that can still be read in what is left of a head. The checksum that each quoted
   * entry has of its own vouches for it; a name and a version beside it do so for each other, since
   * a commit counts only where that version is.
   */
  static List<Latest> salvage(byte[] damaged) {
    RecordReader in = RecordReader.salvage(RecordKind.HEAD, damaged);
    return Stream.of("latest", "imported")
        .map(
            key -> {
              try {
                return commit(in, key);
              } catch (CheckpointException e) {
                return null;
              }
            })
        .filter(Objects::nonNull)
        .toList();
  }

  private static @Nullable Latest commit(RecordReader in, String key) {
    if (!in.has(key + "-name")) {
      return null;
    }
    String name = in.value(key + "-name", StoreNames::requireRecordedName);
    String base = in.text(key + "-base");
    return new Latest(name, base, in.value(key + "-entry", Entry::unquoted));
  }
}
