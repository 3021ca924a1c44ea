package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Opens one version of an object for reading.
 *
 * <p>That the open file is that version is known from its attributes before and after opening: a
 * version never comes back to a path, so what was there both times was there in between.
 */
final class OpenVersion {
  private static final Set<OpenOption> READING =
      Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

  private OpenVersion() {}

  /** Opens a version where it was found before. */
  static FileChannel at(StoreTree.Place place, StoredObject object) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(place.file(), READING);
    } catch (NoSuchFileException e) {
      throw new ChangedMeanwhileException(object.name(), object.version(), null);
    }
    try {
      FileSave.requireVersion(object.name(), object.version(), FileState.of(place.file()));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    return channel;
  }

  /** Only somebody who writes into files of ours can have made one shorter. */
  static ChangedMeanwhileException cutOff(StoredObject object, long position) {
    return new ChangedMeanwhileException(
        object.name(), object.version(), "a file of " + position + " bytes");
  }
}
