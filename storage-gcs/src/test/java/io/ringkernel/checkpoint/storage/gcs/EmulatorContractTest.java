package io.ringkernel.checkpoint.storage.gcs;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Against the server that {@code STORAGE_EMULATOR_HOST} names, as a user's program would find it.
 */
@ExtendWith(EmulatorGaps.class)
@EnabledIfEnvironmentVariable(
    named = GcsClient.EMULATOR,
    matches = ".+",
    disabledReason =
        "STORAGE_EMULATOR_HOST names no server: only the server of this process was tested against."
            + " Start fake-gcs-server and set it, or run .ci/run")
class EmulatorContractTest extends StorageContract {
  static final String BUCKET = "rkcp-contract";

  private final List<GcsStorage> opened = new ArrayList<>();
  private String place = "";

  @BeforeAll
  static void makeBucket() throws IOException, InterruptedException {
    Emulator.makeBucket(BUCKET);
  }

  @BeforeEach
  void choosePlace() {
    place = "gs://" + BUCKET + "/" + UUID.randomUUID() + "?part-size=256KiB";
  }

  @Override
  protected CheckpointStorage open() {
    GcsStorage storage = (GcsStorage) CheckpointStorages.open(place);
    opened.add(storage);
    return storage;
  }

  @Override
  protected int openHandles() {
    return opened.stream().mapToInt(GcsStorage::openHandles).sum();
  }
}
