package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Against the server that {@code STORAGE_EMULATOR_HOST} names, as a user's program would find it.
 */
@EnabledIfEnvironmentVariable(
    named = GcsClient.EMULATOR,
    matches = ".+",
    disabledReason =
        "STORAGE_EMULATOR_HOST names no server: only the server of this process was tested against."
            + " Start fake-gcs-server and set it, or run .ci/run")
class EmulatorContractTest extends StorageContract {
  private static final String BUCKET = "rkcp-contract";

  private final List<GcsStorage> opened = new ArrayList<>();
  private String place = "";

  @BeforeAll
  static void makeBucket() throws IOException, InterruptedException {
    String host = System.getenv(GcsClient.EMULATOR);
    URI buckets = URI.create((host.contains("://") ? host : "http://" + host) + "/storage/v1/b");
    HttpRequest request =
        HttpRequest.newBuilder(buckets)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"name\": \"" + BUCKET + "\"}"))
            .build();
    HttpResponse<String> made =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(made.statusCode()).as(made.body()).isIn(200, 409);
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
