package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The version 1 files that were verified lately, by name and version: their one checksum covers
 * everything, so that each opening would read all of it. They hold metadata, not state.
 */
final class VerifiedFiles {
  private static final int MOST = 32;

  private record Key(String name, String version) {}

  private final Map<Key, CheckpointFile> files =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, CheckpointFile> eldest) {
          return size() > MOST;
        }
      };

  synchronized @Nullable CheckpointFile get(StoredObject object) {
    return files.get(new Key(object.name(), object.version()));
  }

  synchronized void add(StoredObject object, CheckpointFile file) {
    if (file.header().version() == 1) {
      files.put(new Key(object.name(), object.version()), file);
    }
  }
}
