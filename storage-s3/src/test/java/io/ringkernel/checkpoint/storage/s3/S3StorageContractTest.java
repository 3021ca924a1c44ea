package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

class S3StorageContractTest extends StorageContract {
  private final S3Server server = new S3Server();
  private final List<S3Storage> opened = new ArrayList<>();

  @Override
  protected CheckpointStorage open() {
    opened.add(server.open("some/where"));
    return opened.get(opened.size() - 1);
  }

  @Override
  protected int openHandles() {
    return opened.stream().mapToInt(S3Storage::openHandles).sum();
  }

  @Override
  protected List<String> leftovers() {
    return server.bucket().uploads();
  }

  @AfterEach
  void stopServer() throws IOException {
    server.close();
  }
}
