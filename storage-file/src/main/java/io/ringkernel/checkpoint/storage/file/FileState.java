package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a file system says of a path, without following a link.
 *
 * <p>Time, inode and size together are an object's version. The time alone tells apart what this
 * library wrote: each commit sets it to a stamp that no other commit in the store has. For files
 * that somebody else put there the three are the best there is.
 *
 * @param kind what is there
 * @param micros last modification, microseconds since the epoch
 * @param inode its number, 0 where there are none
 * @param size bytes
 */
record FileState(Kind kind, long micros, long inode, long size) {
  /** What is at a path. */
  enum Kind {
    FILE,
    DIRECTORY,
    /** A link, a device: nothing of ours. */
    OTHER
  }

  private static final String BASIC = "lastModifiedTime,size,isRegularFile,isDirectory";

  /** What is at a path, or null when nothing is. */
  static @Nullable FileState of(Path path) throws IOException {
    boolean unix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
    try {
      // One call: two could see two files.
      Map<String, Object> found =
          Files.readAttributes(path, unix ? "unix:ino," + BASIC : BASIC, LinkOption.NOFOLLOW_LINKS);
      long inode = unix ? (Long) value(found, "ino") : 0;
      FileTime modified = (FileTime) value(found, "lastModifiedTime");
      return new FileState(
          kind(found), modified.to(TimeUnit.MICROSECONDS), inode, (Long) value(found, "size"));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static Object value(Map<String, Object> found, String attribute) {
    return Objects.requireNonNull(found.get(attribute), attribute);
  }

  private static Kind kind(Map<String, Object> found) {
    if (Boolean.TRUE.equals(found.get("isRegularFile"))) {
      return Kind.FILE;
    }
    return Boolean.TRUE.equals(found.get("isDirectory")) ? Kind.DIRECTORY : Kind.OTHER;
  }

  boolean isFile() {
    return kind == Kind.FILE;
  }

  boolean isDirectory() {
    return kind == Kind.DIRECTORY;
  }

  /** See {@link StoredObject#version}. */
  String version() {
    return micros + "-" + Long.toHexString(inode) + "-" + size;
  }

  StoredObject describe(String name) {
    Instant modified = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return new StoredObject(name, size, version(), modified, Map.of());
  }
}
