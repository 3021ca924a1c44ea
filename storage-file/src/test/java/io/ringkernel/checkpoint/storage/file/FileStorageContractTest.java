package io.ringkernel.checkpoint.storage.file;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

class FileStorageContractTest extends StorageContract {
  @TempDir Path place;
  private final List<FileStorage> opened = new ArrayList<>();

  @Override
  protected CheckpointStorage open() {
    opened.add(new FileStorage(place.resolve("store")));
    return opened.get(opened.size() - 1);
  }

  @Override
  protected int openHandles() {
    return opened.stream().mapToInt(FileStorage::openBuffers).sum() + OpenFiles.below(place);
  }

  @Override
  protected List<String> leftovers() {
    return OpenFiles.temporaryBelow(place);
  }
}
