package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.tck.storage.StorageContract;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketAlreadyOwnedByYouException;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/**
 * Against the server that {@code RKCP_S3_ENDPOINT} names, with the access key and the secret that
 * {@code RKCP_S3_CREDENTIALS} has, a colon between them.
 */
@ExtendWith(EndpointGaps.class)
@EnabledIfEnvironmentVariable(
    named = EndpointContractTest.ENDPOINT,
    matches = ".+",
    disabledReason =
        "RKCP_S3_ENDPOINT names no server: only the server of this process and S3Proxy were tested"
            + " against. Start one (docs/storage-s3.md tells how) and set it")
class EndpointContractTest extends StorageContract {
  static final String ENDPOINT = "RKCP_S3_ENDPOINT";
  static final String BUCKET = "rkcp-contract";
  private static final Region REGION = Region.US_EAST_1;

  static S3Client client;

  private final List<S3Storage> opened = new ArrayList<>();
  private String prefix = "";

  @BeforeAll
  static void makeBucket() {
    client =
        S3Client.builder()
            .endpointOverride(URI.create(System.getenv(ENDPOINT)))
            .region(REGION)
            .forcePathStyle(true)
            .credentialsProvider(credentials())
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    try {
      client.createBucket(request -> request.bucket(BUCKET));
    } catch (BucketAlreadyOwnedByYouException e) {
      // By an earlier run.
    }
  }

  private static AwsCredentialsProvider credentials() {
    String[] given = System.getenv("RKCP_S3_CREDENTIALS").split(":", 2);
    return StaticCredentialsProvider.create(AwsBasicCredentials.create(given[0], given[1]));
  }

  @AfterAll
  static void closeClient() {
    client.close();
  }

  @BeforeEach
  void choosePlace() {
    prefix = UUID.randomUUID().toString();
  }

  @Override
  protected CheckpointStorage open() {
    String uri = "s3://" + BUCKET + "/" + prefix + "?region=" + REGION + "&endpoint=";
    S3Storage storage =
        (S3Storage)
            S3Storages.open(
                uri + System.getenv(ENDPOINT),
                settings -> settings.credentialsProvider(credentials()));
    opened.add(storage);
    return storage;
  }

  @Override
  protected int openHandles() {
    return opened.stream().mapToInt(S3Storage::openHandles).sum();
  }

  @Override
  protected List<String> leftovers() {
    return client
        .listMultipartUploads(request -> request.bucket(BUCKET).prefix(prefix))
        .uploads()
        .stream()
        .map(MultipartUpload::key)
        .toList();
  }
}
