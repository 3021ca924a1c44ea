package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import io.ringkernel.checkpoint.tck.TrackedBuffers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsServiceClientConfiguration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.metrics.MetricCollection;
import software.amazon.awssdk.metrics.MetricPublisher;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** What a program sets of the SDK's client, and what it can't. */
class S3StoragesTest {
  private final S3Server server = new S3Server();
  private final TrackedBuffers buffers = new TrackedBuffers();
  private CheckpointStorage storage;

  @AfterEach
  void close() throws Exception {
    if (storage != null) {
      storage.close().block(Patience.LIMIT);
    }
    assertThat(buffers.open()).isZero();
    server.close();
  }

  private void open(Consumer<S3AsyncClientBuilder> settings) {
    storage = S3Storages.open(server.uri("some/where"), settings);
  }

  private static <T> T await(Mono<T> call) {
    return call.block(Patience.LIMIT);
  }

  private static StaticCredentialsProvider keys(String accessKey) {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, "secret"));
  }

  @Test
  void signsWithTheCredentialsThatWereGiven() {
    server.takeOnly("THEIRS");
    open(client -> {});
    assertThat(catchThrowable(() -> await(storage.exists("a")))).hasMessageContaining("403");
    await(storage.close());

    open(client -> client.credentialsProvider(keys("THEIRS")));
    await(storage.save("a", buffers.pieces(new byte[9], 9), SaveOptions.onlyIfAbsent()));
    assertThat(await(storage.exists("a"))).isTrue();
    assertThat(server.signedBy()).startsWith("THEIRS/");
  }

  @Test
  void usesTheAwsChainWithTheProfileThatWasGiven() {
    server.takeOnly("PROFILED");
    String text = "[other]\naws_access_key_id=PROFILED\naws_secret_access_key=secret\n";
    ProfileFile file =
        ProfileFile.builder()
            .content(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
            .type(ProfileFile.Type.CREDENTIALS)
            .build();
    open(
        client ->
            client.overrideConfiguration(
                own -> own.defaultProfileFile(file).defaultProfileName("other")));
    String key = System.clearProperty("aws.accessKeyId");
    try {
      assertThat(await(storage.exists("a"))).isFalse();
    } finally {
      System.setProperty("aws.accessKeyId", key);
    }
  }

  @Test
  void tellsThatTheCredentialsThatWereGivenCanNotBeHad() {
    AwsCredentialsProvider none =
        () -> {
          throw new IllegalStateException("the vault is shut");
        };
    open(client -> client.credentialsProvider(none));
    assertThatThrownBy(() -> await(storage.exists("a")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the vault is shut");
  }

  @Test
  void tellsWhatToDoWhereNoProviderHasCredentials() {
    AwsCredentialsProvider none =
        () -> {
          throw new IllegalStateException("nothing here");
        };
    open(client -> client.credentialsProvider(AwsCredentialsProviderChain.of(none)));
    assertThatThrownBy(() -> storage.list("").blockLast(Patience.LIMIT))
        .isInstanceOf(StorageException.class)
        .hasMessageStartingWith("all names: there are no credentials for the store; set AWS_")
        .cause()
        .hasMessageContaining("nothing here");
  }

  @Test
  void callsTheSettingsOnceOnAThreadOfItsOwnWhereTheyMayBlock() {
    List<String> threads = new CopyOnWriteArrayList<>();
    open(
        client -> {
          threads.add(Thread.currentThread().getName());
          pause();
        });
    assertThat(threads).isEmpty();
    Flux.range(0, 20).flatMap(i -> storage.exists("n" + i), 20).blockLast(Patience.LIMIT);
    assertThat(threads).singleElement().asString().startsWith("rkcp-s3-");
  }

  /** BlockHound finds it on threads that must not block. */
  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        IllegalStateException.class,
        NoClassDefFoundError.class,
        ServiceConfigurationError.class,
        IOException.class
      })
  void tellsThatTheSettingsFailedAndCallsThemAgain(Class<? extends Throwable> type)
      throws ReflectiveOperationException {
    Throwable broken = type.getConstructor(String.class).newInstance("no role to assume");
    AtomicInteger calls = new AtomicInteger();
    open(
        client -> {
          if (calls.incrementAndGet() == 1) {
            S3StoragesTest.<RuntimeException>throwIt(broken);
          }
        });
    Throwable failure = catchThrowable(() -> await(storage.exists("a")));
    assertThat(failure)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("s3://" + S3Server.BUCKET)
        .hasMessageContaining("no role to assume")
        .hasCause(broken);
    assertThat(server.faults().takeCounts()).isEmpty();
    assertThat(await(storage.exists("a"))).isFalse();
    assertThat(calls).hasValue(2);
  }

  /** Also what Java would have declared: other languages don't. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void throwIt(Throwable broken) throws T {
    throw (T) broken;
  }

  @Test
  void tellsThatNoClientCanBeMadeOfTheSettings() {
    AtomicInteger calls = new AtomicInteger();
    open(
        client -> {
          calls.incrementAndGet();
          client.addPlugin(
              config -> {
                throw new IllegalStateException("no such plugin");
              });
        });
    for (int attempt = 1; attempt <= 2; attempt++) {
      assertThatThrownBy(() -> await(storage.exists("a")))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("s3://" + S3Server.BUCKET)
          .hasMessageContaining("no such plugin");
      assertThat(calls).hasValue(attempt);
    }
  }

  @Test
  void tellsThatTheClassesOfTheSdkDoNotFitTogether() {
    NoSuchMethodError older = new NoSuchMethodError("of another version");
    open(
        client ->
            client.overrideConfiguration(
                own ->
                    own.addExecutionInterceptor(
                        new ExecutionInterceptor() {
                          @Override
                          public void beforeExecution(
                              Context.BeforeExecution context, ExecutionAttributes attributes) {
                            throw older;
                          }
                        })));

    assertThatThrownBy(() -> await(storage.exists("a")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("'a': the classes of the AWS SDK don't fit together")
        .hasMessageContaining("of another version")
        .hasCause(older);
  }

  /** In one part, which the SDK would cut in two; without checksums, which it would then send. */
  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void putsWhatItNeedsOverTheSettings(String checksums) {
    byte[] bytes = DeterministicBytes.array(1, 9 << 20);
    String uri =
        server.uri("some/where", "region=eu-central-1", "part-size=16", "checksums=" + checksums);
    storage = S3Storages.open(uri, client -> {});
    Map<S3Operation, Integer> plain = countsOf(bytes);
    await(storage.close());

    ChecksumHeaders seen = new ChecksumHeaders();
    Consumer<S3AsyncClientBuilder> seeing = seen::seenBy;
    storage = S3Storages.open(uri, seeing.andThen(S3StoragesTest::setAllThatIsNeeded));
    assertThat(countsOf(bytes)).isEqualTo(plain);
    Set<String> ours = Set.of("x-amz-checksum-crc32c", "x-amz-checksum-mode");
    assertThat(seen.headers).isEqualTo(checksums.equals("true") ? ours : Set.of());
    assertThat(server.signedBy()).contains("/eu-central-1/");
    String thread = await(storage.exists("a").map(is -> Thread.currentThread().getName()));
    assertThat(thread).startsWith("rkcp-s3-");
  }

  private static void setAllThatIsNeeded(S3AsyncClientBuilder client) {
    client
        .endpointOverride(URI.create("http://127.0.0.1:1"))
        .region(Region.US_WEST_2)
        .forcePathStyle(false)
        .multipartEnabled(true)
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_SUPPORTED)
        .serviceConfiguration(
            S3Configuration.builder()
                .pathStyleAccessEnabled(false)
                .chunkedEncodingEnabled(true)
                .build())
        .httpClient(new Unusable())
        .asyncConfiguration(
            async ->
                async.advancedOption(
                    SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR,
                    task -> {
                      throw new AssertionError("not to be used");
                    }));
  }

  private Map<S3Operation, Integer> countsOf(byte[] bytes) {
    server.faults().takeCounts();
    await(storage.save("a", buffers.pieces(bytes, 100_000), SaveOptions.replace()));
    byte[] read =
        await(
            storage
                .read("a", Range.all(), null)
                .flatMap(found -> StoreUnderTest.collecting(found.bytes())));
    assertThat(read).isEqualTo(bytes);
    return server.faults().takeCounts();
  }

  @Test
  void takesThePlaceFromTheSettingsWhereTheUriTellsNone() {
    storage =
        S3Storages.open(
            "s3://" + S3Server.BUCKET + "/some/where",
            client ->
                client
                    .endpointOverride(URI.create(server.endpoint()))
                    .region(Region.EU_WEST_3)
                    .forcePathStyle(true));
    assertThat(await(storage.exists("a"))).isFalse();
    assertThat(server.signedBy()).contains("/eu-west-3/");
    await(storage.close());

    open(client -> client.region(Region.AP_SOUTH_1));
    assertThat(await(storage.exists("a"))).isFalse();
    assertThat(server.signedBy()).contains("/ap-south-1/");
  }

  @Test
  void usesAndNeverClosesWhatWasGiven() {
    Given given = new Given();
    ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
    open(
        client ->
            client
                .credentialsProvider(given)
                .httpClient(new Unusable())
                .overrideConfiguration(
                    own ->
                        own.addExecutionInterceptor(given)
                            .addMetricPublisher(given)
                            .scheduledExecutorService(timers)
                            .apiCallTimeout(Duration.ofMinutes(1))));
    assertThat(await(storage.exists("a"))).isFalse();
    await(storage.close());
    assertThat(given.uses)
        .contains("credentials", "interceptor", "metrics")
        .doesNotContain("close");
    assertThat(timers.isShutdown()).isFalse();
    timers.shutdown();
  }

  @Test
  void neverClosesCredentialsThatAPluginGave() {
    Given given = new Given();
    open(
        client ->
            client.addPlugin(
                config ->
                    ((AwsServiceClientConfiguration.Builder) config).credentialsProvider(given)));
    assertThat(await(storage.exists("a"))).isFalse();
    await(storage.close());
    assertThat(given.uses).containsOnly("credentials");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs://bucket", "file:/tmp", "s3://bucket?regoin=x", "bucket"})
  void refusesOtherUris(String uri) {
    assertThatThrownBy(() -> S3Storages.open(uri, client -> {}))
        .isInstanceOf(InvalidOptionException.class);
  }

  /** The headers about checksums that were sent. */
  private static final class ChecksumHeaders implements ExecutionInterceptor {
    private final Set<String> headers = new ConcurrentSkipListSet<>();

    void seenBy(S3AsyncClientBuilder client) {
      client.overrideConfiguration(own -> own.addExecutionInterceptor(this));
    }

    @Override
    public void beforeTransmission(
        Context.BeforeTransmission context, ExecutionAttributes attributes) {
      context.httpRequest().headers().keySet().stream()
          .map(name -> name.toLowerCase(Locale.ROOT))
          .filter(name -> name.contains("checksum") || name.contains("trailer"))
          .forEach(headers::add);
    }
  }

  /** Lives longer than a storage, and tells what it was used for. */
  private static final class Given
      implements AwsCredentialsProvider, ExecutionInterceptor, MetricPublisher, SdkAutoCloseable {
    private final List<String> uses = new CopyOnWriteArrayList<>();

    @Override
    public AwsCredentials resolveCredentials() {
      uses.add("credentials");
      return AwsBasicCredentials.create("test", "test");
    }

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
      uses.add("interceptor");
    }

    @Override
    public void publish(MetricCollection metrics) {
      uses.add("metrics");
    }

    @Override
    public void close() {
      uses.add("close");
    }
  }

  /** The HTTP client of somebody else. */
  private static final class Unusable implements SdkAsyncHttpClient {
    @Override
    public CompletableFuture<Void> execute(AsyncExecuteRequest request) {
      throw SdkClientException.create("not to be used");
    }

    @Override
    public void close() {
      throw new AssertionError("closed by somebody else");
    }
  }
}
