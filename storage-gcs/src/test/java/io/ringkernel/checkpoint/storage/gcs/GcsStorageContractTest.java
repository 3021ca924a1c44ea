package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Against the server of this process. */
class GcsStorageContractTest extends StorageContract {
  private static GcsServer server;
  private final List<GcsStorage> opened = new ArrayList<>();

  @BeforeAll
  static void startServer() throws IOException {
    server = new GcsServer();
    // A listing has several pages.
    server.api().pageSize(300);
  }

  @AfterAll
  static void stopServer() throws IOException {
    server.close();
  }

  @BeforeEach
  void emptyBucket() {
    server.bucket().clear();
  }

  @Override
  protected CheckpointStorage open() {
    opened.add(StoreUnderTest.open(server.url()));
    return opened.get(opened.size() - 1);
  }

  @Override
  protected int openHandles() {
    return opened.stream().mapToInt(GcsStorage::openHandles).sum();
  }

  @Override
  protected List<String> leftovers() {
    return server.bucket().names().stream()
        .filter(name -> !name.startsWith("some/prefix/"))
        .toList();
  }
}
