package io.ringkernel.checkpoint.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The small text records of a store; {@code docs/store.md} has their grammar. */
enum RecordKind {
  /** Under a checkpoint's name. A delta's ancestors are what makes one long. */
  ENTRY("rkcp-entry", 4 << 20),
  /** One for each kernel; it quotes two entries at most, and quoting at most triples one. */
  HEAD("rkcp-head", 16 << 20),
  /** What one save may refer to. */
  PIN("rkcp-pin", 4 << 20),
  /** What one collection is about to remove. */
  TOMBSTONE("rkcp-tombstone", 8 << 20),
  /** What one pruning or collection removed. */
  JOURNAL("rkcp-journal", 64 << 20),
  /** Written to learn the storage's time from it. */
  CLOCK("rkcp-clock", 4 << 10),
  /** Under a group's name; it quotes its members' entries. */
  GROUP("rkcp-group", 64 << 20),
  /** Under a name where nothing is yet. */
  PLACEHOLDER("rkcp-placeholder", 4 << 20),
  /** Under a name that is being cleared; only where a delete may hit what it is not meant for. */
  CLEARING("rkcp-clearing", 8 << 10),
  /** Where the processes of a group meet; it quotes their entries too. */
  CUT("rkcp-cut", 64 << 20),
  /** The identity of a store that is a near tier. */
  TIER("rkcp-tier", 4 << 10),
  /** Names begin so, at a slash; only where listings may hide what lies below another name. */
  FOLDER("rkcp-folder", 8 << 10);

  /** Raised when older readers must not read what newer writers write. */
  static final int VERSION = 1;

  /** What a line says whose being there is all it tells. */
  static final String YES = "yes";

  private final String magic;
  private final int maxLength;

  RecordKind(String magic, int maxLength) {
    this.magic = magic;
    this.maxLength = maxLength;
  }

  /** The word that a record begins with. */
  String magic() {
    return magic;
  }

  /** The most bytes in a record. */
  int maxLength() {
    return maxLength;
  }

  /** Whether bytes begin as a record of this kind does. */
  boolean begins(byte[] bytes) {
    byte[] start = (magic + " ").getBytes(StandardCharsets.US_ASCII);
    int n = start.length;
    return bytes.length >= n && Arrays.equals(start, 0, n, bytes, 0, n);
  }
}
