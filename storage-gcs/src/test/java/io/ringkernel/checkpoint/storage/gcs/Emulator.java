package io.ringkernel.checkpoint.storage.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;

/** The server that {@code STORAGE_EMULATOR_HOST} names, asked without Google's client. */
final class Emulator {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Emulator() {}

  static void makeBucket(String name) throws IOException, InterruptedException {
    String body = "{\"name\": \"" + name + "\"}";
    HttpResponse<String> made = post("/storage/v1/b", "application/json", body);
    assertThat(made.statusCode()).as(made.body()).isIn(200, 409);
  }

  /** Whether a deletion is refused when its condition does not hold. */
  static boolean honoursConditionsOfDeletions(String bucket)
      throws IOException, InterruptedException {
    String upload = "/upload/storage/v1/b/" + bucket + "/o?uploadType=media&name=probe";
    assertThat(post(upload, "text/plain", "x").statusCode()).isEqualTo(200);
    URI other = uri("/storage/v1/b/" + bucket + "/o/probe?ifGenerationMatch=1");
    return send(HttpRequest.newBuilder(other).DELETE()).statusCode() == 412;
  }

  private static HttpResponse<String> post(String path, String type, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static URI uri(String path) {
    String host = System.getenv(GcsClient.EMULATOR);
    return URI.create((host.contains("://") ? host : "http://" + host) + path);
  }
}
