package io.ringkernel.checkpoint.storage.file;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.Paths;

/**
 * Paths from byte strings and back, exactly, whatever the locale.
 *
 * <p>A {@code Path} made of text goes through the locale's encoding, which in a container is often
 * ASCII alone. A path's URI holds its bytes as they are.
 */
final class FilePaths {
  private FilePaths() {}

  /**
   * A file in a directory.
   *
   * @param fileName a byte string without slash
   * @throws java.nio.file.InvalidPathException when this file system has no such names
   */
  static Path resolve(Path directory, String fileName) {
    if (isAscii(fileName)) {
      return directory.resolve(fileName);
    }
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : fileName.getBytes(StandardCharsets.ISO_8859_1)) {
      uri.append(String.format("%%%02X", b & 0xff));
    }
    return directory.resolve(Paths.get(URI.create(uri.toString())).getFileName());
  }

  /** The last part of a path, as a byte string. */
  static String fileName(Path path) {
    String text = path.getFileName().toString();
    if (isAscii(text)) {
      return text;
    }
    String raw = path.toUri().getRawPath();
    int end = raw.endsWith("/") ? raw.length() - 1 : raw.length();
    return percentDecoded(raw.substring(raw.lastIndexOf('/', end - 1) + 1, end));
  }

  private static String percentDecoded(String raw) {
    StringBuilder bytes = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      if (raw.charAt(i) == '%') {
        bytes.append((char) Integer.parseInt(raw.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        // A URI may hold other letters as they are; they stand for their UTF-8.
        bytes.append(FileName.bytesOf(raw.substring(i, i + 1)));
      }
    }
    return bytes.toString();
  }

  static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }
}
