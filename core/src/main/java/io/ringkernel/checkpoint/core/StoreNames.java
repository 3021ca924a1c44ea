package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StorageNames;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Where things lie in a store: the users' names, and the engine's own within {@code .rkcp/}. */
final class StoreNames {
  /** How all of the engine's own begin. */
  static final String OWN = ".rkcp/";

  static final String HEADS = ".rkcp/heads/";
  static final String OBJECTS = ".rkcp/objects/";
  static final String PINS = ".rkcp/pins/";
  static final String TOMBSTONES = ".rkcp/tombstones/";
  static final String JOURNAL = ".rkcp/journal/";
  static final String CLOCK = ".rkcp/clock";
  static final String RESERVE = ".rkcp/reserve";
  static final String CUTS = ".rkcp/cuts/";
  static final String FOLDERS = ".rkcp/folders/";

  /** What tells a near tier from others. */
  static final String TIER = ".rkcp/tier";

  private static final String RESERVED = ".rkcp";

  /** Within which lies what a collection goes by; nothing may be in their own places. */
  static final List<String> FOLDERS_OF_ITS_OWN =
      Stream.of(OWN, HEADS, OBJECTS, PINS, TOMBSTONES, FOLDERS)
          .map(folder -> folder.substring(0, folder.length() - 1))
          .toList();

  /** Leaves room for what a file system and its storage put around a component of 255 bytes. */
  private static final int LONGEST_KEY = 180;

  private StoreNames() {}

  /** Refuses a name that a checkpoint can't have. */
  static String requireUserName(String name) {
    StorageNames.requireValid(name);
    if (isReserved(name)) {
      throw new InvalidNameException(
          name, "names within '.rkcp/' are the store's own; choose another");
    }
    return name;
  }

  /**
   * The same for a name out of a record: one of a damaged store must not reach the engine's own.
   *
   * @throws IllegalArgumentException when it is none
   */
  static String requireRecordedName(String name) {
    try {
      return requireUserName(name);
    } catch (InvalidNameException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** Whether a name is the engine's own, also for a storage that ignores case. */
  static boolean isReserved(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.equals(RESERVED) || lower.startsWith(RESERVED + "/");
  }

  /** The object with an id. */
  static String object(ObjectId id) {
    return OBJECTS + id.hex().substring(0, 2) + "/" + id.hex();
  }

  /** The id that an object's name tells; empty when it is no object's. */
  static Optional<ObjectId> objectId(String name) {
    String hex = name.substring(name.lastIndexOf('/') + 1);
    return hex.matches("[0-9a-f]{32}") && name.equals(object(new ObjectId(hex)))
        ? Optional.of(new ObjectId(hex))
        : Optional.empty();
  }

  /** Whether a name is the place of a folder of objects. */
  static boolean isObjectFolder(String name) {
    return name.startsWith(OBJECTS) && name.substring(OBJECTS.length()).matches("[0-9a-f]{2}");
  }

  /** The pin of one save. */
  static String pin(ObjectId id) {
    return PINS + id.hex();
  }

  /** One tombstone of one collection. */
  static String tombstone(ObjectId id) {
    return TOMBSTONES + id.hex();
  }

  /** A record of the journal: sorts by time. */
  static String journal(long micros, ObjectId id) {
    return JOURNAL + twentyDigits(micros) + "-" + id.hex();
  }

  /** The head of a kernel. */
  static String head(String kernelId) {
    return HEADS + key(kernelId);
  }

  /** The kernel that a head's name tells; empty when its id is too long to be in it. */
  static Optional<String> kernelId(String head) {
    String key = head.substring(HEADS.length());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c == '_' && i + 1 < key.length()) {
        char next = key.charAt(++i);
        bytes.write(next == '_' ? '_' : next - 'a' + 'A');
      } else if (c == '~' && i + 2 < key.length() && HexFormat.isHexDigit(key.charAt(i + 1))) {
        bytes.write(
            Character.digit(key.charAt(i + 1), 16) << 4 | Character.digit(key.charAt(i + 2), 16));
        i += 2;
      } else if (c != '~') {
        bytes.write(c);
      }
    }
    String kernelId = bytes.toString(StandardCharsets.UTF_8);
    return head.equals(head(kernelId)) ? Optional.of(kernelId) : Optional.empty();
  }

  /** Whether a head's name may be that of a kernel whose id is too long to be in it. */
  static boolean isHashed(String head) {
    return head.substring(HEADS.length()).matches("~~[0-9a-f]{64}");
  }

  /** Where the processes of a group meet. */
  static String cut(String group) {
    return CUTS + key(group);
  }

  /** The note that names begin so, at a slash: nothing may lie there itself. */
  static String folder(String path) {
    return FOLDERS + key(path);
  }

  /** How the names begin that are made for a kernel. */
  static String madePrefix(String kernelId) {
    return key(kernelId) + "/";
  }

  /** The name that is made for a checkpoint whose user gave none: sorts by step. */
  static String made(String kernelId, long step, ObjectId id) {
    return madePrefix(kernelId) + twentyDigits(step) + "-" + id.hex();
  }

  private static String twentyDigits(long unsigned) {
    String digits = Long.toUnsignedString(unsigned);
    return "0".repeat(20 - digits.length()) + digits;
  }

  /**
   * The path component that stands for a kernel id: reversible, and no two of them differ by case
   * alone. Lower-case letters, digits, {@code -} and inner dots stay; {@code _} is doubled; an
   * upper-case letter becomes {@code _} and its lower-case one; of all others each byte of UTF-8
   * becomes {@code ~} and two hex digits. No id is {@code ~}; one that would be too long is {@code
   * ~~} and its SHA-256.
   */
  static String key(String kernelId) {
    byte[] bytes = kernelId.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0) {
      return "~";
    }
    StringBuilder key = new StringBuilder();
    for (int i = 0; i < bytes.length && key.length() <= LONGEST_KEY; i++) {
      boolean inner = i > 0 && i < bytes.length - 1;
      append(key, (char) (bytes[i] & 0xFF), inner);
    }
    return key.length() <= LONGEST_KEY ? key.toString() : "~~" + sha256(bytes);
  }

  private static void append(StringBuilder key, char c, boolean inner) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (c == '.' && inner)) {
      key.append(c);
    } else if (c == '_') {
      key.append("__");
    } else if (c >= 'A' && c <= 'Z') {
      key.append('_').append((char) (c - 'A' + 'a'));
    } else {
      key.append('~').append(HexFormat.of().toHexDigits((byte) c));
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
