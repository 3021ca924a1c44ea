package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.compression.zstd.ZstdCodecProvider;
import io.ringkernel.checkpoint.error.ClosedException;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.error.InvalidOptionException;
import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.Compression;
import io.ringkernel.checkpoint.kernel.KernelAdapterProvider;
import io.ringkernel.checkpoint.kernel.QuiescableKernel;
import io.ringkernel.checkpoint.tck.Patience;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class CheckpointerTest {
  private static final String KERNEL = "fdtd";

  /** For what nobody answers here. */
  private static final Duration A_WHILE = Duration.ofMillis(50);

  /**
   * Everything that can be asked of a checkpointer on a store that has "a", "bare" and a "group".
   */
  private record Operation(
      String name, java.util.function.Function<Checkpointer, Publisher<?>> run) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Operation> operations() {
    return Stream.of(ofCheckpoints(), ofTheStore(), ofGroups()).flatMap(some -> some);
  }

  private static Stream<Operation> ofCheckpoints() {
    StillKernel kernel = new StillKernel(KERNEL, 3);
    Checkpoint state = TestStates.of(KERNEL, 4);
    byte[] file = BareFiles.encoded(state, 2);
    return Stream.of(
        new Operation("save kernel", c -> c.save(kernel)),
        new Operation("save checkpoint", c -> c.save("b", state)),
        new Operation("import", c -> c.importFile(ChunkContent.of(file), SaveRequest.defaults())),
        new Operation("every", c -> c.every(Duration.ofMillis(1), kernel).take(2)),
        new Operation("load", c -> c.load("a")),
        new Operation("openFile", c -> c.openFile("bare")),
        new Operation("fileContent", c -> c.fileContent("a")),
        new Operation("info", c -> c.info("a")),
        new Operation("list", c -> c.list("")),
        new Operation("restore", c -> c.restore(kernel, "a")),
        new Operation("restoreLatest", c -> c.restoreLatest(kernel)),
        new Operation("verify", c -> c.verify("a", VerifyDepth.FULL)),
        new Operation("copy", c -> c.copy("a", c, CopyRequest.defaults().named("twin"))));
  }

  private static Stream<Operation> ofTheStore() {
    return Stream.of(
        new Operation("delete", c -> c.delete("a")),
        new Operation("tag", c -> c.tag("a", "good")),
        new Operation("untag", c -> c.untag("a", "good")),
        new Operation("flatten", c -> c.flatten("a")),
        new Operation("diff", c -> c.diff("a", "a")),
        new Operation("prune", c -> c.prune(RetentionPolicy.keepLast(1))),
        new Operation("collect", Checkpointer::collect),
        new Operation("journal", Checkpointer::journal));
  }

  private static Stream<Operation> ofGroups() {
    FieldPair room = new FieldPair();
    QuiescableKernel left = room.left.kernel();
    RestoreOptions options = RestoreOptions.defaults();
    CopyRequest twin = CopyRequest.defaults().named("twin");
    return Stream.of(
        new Operation("save group", c -> c.groups().save("room", room.kernels)),
        new Operation(
            "join",
            c -> c.groups().join(GroupRequest.of("joined"), left).timeout(A_WHILE, Mono.empty())),
        new Operation("group info", c -> c.groups().info("group")),
        new Operation("restore group", c -> c.groups().restore("group", room.kernels)),
        new Operation("restoreLatest group", c -> c.groups().restoreLatest("room", room.kernels)),
        new Operation("restoreMember", c -> c.groups().restoreMember(left, "group", options)),
        new Operation("openMember", c -> c.groups().openMember("group", "left")),
        new Operation("copy group", c -> c.groups().copy("group", c, twin)));
  }

  private static Checkpointer prepared(String uri) {
    Checkpointer checkpointer = Checkpointer.builder(uri).parallelism(1).build();
    checkpointer.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    checkpointer
        .groups()
        .save(GroupRequest.of("room").named("group"), new FieldPair().kernels)
        .block(LONG);
    return checkpointer;
  }

  @ParameterizedTest
  @MethodSource("operations")
  void blocksNobodysThread(Operation operation) {
    String uri = "memory:" + UUID.randomUUID();
    Checkpointer checkpointer = prepared(uri);
    try (ScriptedStorageCloser storage = new ScriptedStorageCloser(uri)) {
      BareFiles.put(storage.storage, "bare", TestStates.of(KERNEL, 2), 1);
      // BlockHound fails what blocks on a thread of this scheduler.
      Flux.from(operation.run().apply(checkpointer))
          .subscribeOn(Schedulers.parallel())
          .collectList()
          .block(LONG);
    }
    checkpointer.close().block(LONG);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void givesAResultOnAThreadOfOurs(Operation operation) {
    String uri = "memory:" + UUID.randomUUID();
    Checkpointer checkpointer = prepared(uri);
    try (ScriptedStorageCloser storage = new ScriptedStorageCloser(uri)) {
      BareFiles.put(storage.storage, "bare", TestStates.of(KERNEL, 2), 1);
      Publisher<?> asked = operation.run().apply(checkpointer);

      List<String> threads =
          Flux.from(asked)
              .materialize()
              .map(signal -> Thread.currentThread().getName())
              .collectList()
              .block(LONG);

      if (!operation.name().equals("join")) {
        assertThat(threads).allMatch(name -> name.startsWith("rkcp-"));
        assertThat(threads).hasSizeGreaterThanOrEqualTo(asked instanceof Mono ? 2 : 1);
      }
    }
    checkpointer.close().block(LONG);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void doesNothingBeforeItIsSubscribedTo(Operation operation) {
    ScriptedStorage storage = new ScriptedStorage("memory:");
    Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();

    Publisher<?> unused = operation.run().apply(checkpointer);

    assertThat(unused).isNotNull();
    assertThat(storage.calls).isEmpty();
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void refusesEverythingOnceItIsClosed(Operation operation) {
    Checkpointer checkpointer = prepared("memory:");
    checkpointer.close().block(LONG);
    checkpointer.close().block(LONG);

    assertThatThrownBy(() -> Flux.from(operation.run().apply(checkpointer)).blockLast(LONG))
        .isInstanceOf(ClosedException.class)
        .hasMessageContaining("closed");
  }

  @ParameterizedTest
  @ValueSource(strings = {".rkcp/heads/", ".rkcp/objects/", "fdtd/"})
  void endsWhatIsUnderWayWhenItIsClosed(String saved) throws InterruptedException {
    ScriptedStorage storage = new ScriptedStorage("memory:");
    Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();
    StillKernel kernel = new StillKernel(KERNEL, 1);
    storage.failWhen(
        call -> call.operation().equals("save") && call.name().startsWith(saved),
        ScriptedStorage.Fault.HANG);
    var save = checkpointer.save(kernel).materialize().toFuture();
    assertThat(storage.awaitHanging()).isTrue();

    checkpointer.close().block(LONG);

    assertThat(save.join().getThrowable()).isInstanceOf(ClosedException.class);
    Patience.until("its checkpoint is closed", () -> kernel.open.get() == 0);
    Patience.until("nothing waits for the storage", () -> storage.hangs.get() == 0);
    assertThat(storage.stat("nothing").onErrorComplete().blockOptional(LONG)).isEmpty();
    storage.close().block(LONG);
  }

  @Test
  void canBeClosedOnAThreadThatMustNotBlock() {
    AtomicInteger ended = new AtomicInteger();
    Schedulers.parallel();
    Schedulers.addExecutorServiceDecorator("slow", (owner, threads) -> slow(threads, ended));
    try {
      Checkpointer checkpointer = Checkpointer.builder("memory:").parallelism(2).build();

      // Ending a thread may block, and does so here; BlockHound fails what blocks on these threads.
      checkpointer.close().subscribeOn(Schedulers.parallel()).block(LONG);

      assertThat(ended.get()).isGreaterThanOrEqualTo(3);
    } finally {
      Schedulers.removeExecutorServiceDecorator("slow");
    }
  }

  private static ScheduledExecutorService slow(
      ScheduledExecutorService threads, AtomicInteger ended) {
    return (ScheduledExecutorService)
        Proxy.newProxyInstance(
            CheckpointerTest.class.getClassLoader(),
            new Class<?>[] {ScheduledExecutorService.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("shutdownNow")) {
                Thread.sleep(1);
                ended.incrementAndGet();
              }
              return method.invoke(threads, arguments);
            });
  }

  @Test
  void leavesAStorageAndACodecOpenThatAreNotItsOwn() {
    ScriptedStorage storage = new ScriptedStorage("memory:");
    CheckpointCodec codec = CheckpointCodec.builder().parallelism(1).build();
    Checkpointer one = Checkpointer.builder(storage).codec(codec).build();
    one.save("a", TestStates.of(KERNEL, 1)).block(LONG);
    one.close().block(LONG);

    Checkpointer two = Checkpointer.builder(storage).codec(codec).build();
    assertThat(TestStates.loaded(two, "a")).isEqualTo(TestStates.bytes(TestStates.of(KERNEL, 1)));
    two.close().block(LONG);
    codec.close();
    storage.close().block(LONG);
  }

  @Test
  void stampsEntryAndFileWithTheSameTime() {
    Instant now = Instant.parse("2026-03-04T05:06:07.000008Z");
    Checkpointer checkpointer =
        Checkpointer.builder("memory:").clock(Clock.fixed(now, ZoneOffset.UTC)).build();
    checkpointer.save("a", TestStates.of(KERNEL, 1)).block(LONG);

    assertThat(checkpointer.info("a").block(LONG).metadata().createdAt()).isEqualTo(now);
    assertThat(checkpointer.load("a").block(LONG).metadata().createdAt()).isEqualTo(now);
    checkpointer.close().block(LONG);
  }

  @Test
  void listsByTheBytesOfTheNames() {
    Checkpointer checkpointer = Checkpointer.builder("memory:").parallelism(1).build();
    List<String> names =
        List.of("!", "-", ".rkcpx", "A", "a", "a/b", "a0", "\uFFFD", "\uD83D\uDE00");
    Flux.fromIterable(names)
        .concatMap(name -> checkpointer.save(name, TestStates.of("k" + name, 1, 10)))
        .blockLast(LONG);

    assertThat(checkpointer.list("").map(ListedCheckpoint::name).collectList().block(LONG))
        .containsExactlyElementsOf(names);
    assertThat(checkpointer.list("a").count().block(LONG)).isEqualTo(3);
    assertThat(checkpointer.list("zz").count().block(LONG)).isZero();
    checkpointer.close().block(LONG);
  }

  @Test
  void refusesNamesOfItsOwnBeforeAnyWork() {
    ScriptedStorage storage = new ScriptedStorage("memory:");
    Checkpointer checkpointer = Checkpointer.builder(storage).parallelism(1).build();
    StillKernel kernel = new StillKernel(KERNEL, 1);
    String own = ".rkcp/heads/fdtd";
    for (Publisher<?> refused :
        List.<Publisher<?>>of(
            checkpointer.save(own, TestStates.of(KERNEL, 1)),
            checkpointer.save(kernel, SaveRequest.defaults().named(own)),
            checkpointer.load(own),
            checkpointer.info(own),
            checkpointer.delete(own),
            checkpointer.verify(own, VerifyDepth.QUICK))) {
      assertThatThrownBy(() -> Flux.from(refused).blockLast(LONG))
          .isInstanceOf(InvalidNameException.class);
    }
    assertThat(storage.calls).isEmpty();
    assertThat(kernel.captures).hasValue(0);
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  @Test
  void namesTheArtifactOfAStorageThatIsNotThere() {
    assertThatThrownBy(() -> Checkpointer.open("gs://bucket/prefix"))
        .isInstanceOf(ProviderUnavailableException.class)
        .hasMessageContaining("ringkernel-checkpoint-storage-gcs");
  }

  @Test
  void declaresTheHostAdapterBothWays() {
    assertThat(
            ServiceLoader.load(KernelAdapterProvider.class).stream().map(p -> p.type().getName()))
        .contains("io.ringkernel.checkpoint.core.host.HostKernelAdapterProvider");
    Path classes =
        Path.of(Checkpointer.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    var module = ModuleFinder.of(classes).find("io.ringkernel.checkpoint.core").orElseThrow();
    assertThat(module.descriptor().provides())
        .singleElement()
        .satisfies(
            provided -> {
              assertThat(provided.service()).isEqualTo(KernelAdapterProvider.class.getName());
              assertThat(provided.providers())
                  .containsExactly("io.ringkernel.checkpoint.core.host.HostKernelAdapterProvider");
            });
  }

  /** Closes a second opening of a store. */
  private static final class ScriptedStorageCloser implements AutoCloseable {
    final ScriptedStorage storage;

    ScriptedStorageCloser(String uri) {
      storage = new ScriptedStorage(uri);
    }

    @Override
    public void close() {
      assertThat(storage.openBuffers).hasValue(0);
      storage.close().block(LONG);
    }
  }

  @Test
  void refusesACompressionThatIsNotThereWhenItIsBuilt() {
    assertThatThrownBy(
            () -> Checkpointer.builder("memory:").compression(Compression.of("brotli")).build())
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("'brotli'")
        .hasMessageContaining("zstd");
    assertThatThrownBy(
            () -> Checkpointer.builder("memory:").compression(Compression.parse("zstd:99")).build())
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("not 99");
  }

  @Test
  void compressesByNoOtherCodecThanTheGivenOnes() {
    CheckpointerBuilder none = Checkpointer.builder("memory:").codecs(CompressionCodecs.of());
    CheckpointerBuilder zstd =
        Checkpointer.builder("memory:").codecs(CompressionCodecs.of(new ZstdCodecProvider()));

    assertThatThrownBy(() -> none.compression(Compression.of("zstd")).build())
        .isInstanceOf(CodecUnavailableException.class);
    assertThatThrownBy(() -> zstd.compression(Compression.of("lz4")).build())
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("present: none, zstd");
    Checkpointer checkpointer = zstd.compression(Compression.of("zstd")).build();
    SaveReceipt saved = checkpointer.save("a", TestStates.of("fdtd", 1)).block(LONG);
    assertThat(saved.name()).isEqualTo("a");
    checkpointer.close().block(LONG);
  }

  @Test
  void leavesAGivenCodecOpenThatLacksTheCompression() {
    try (CheckpointCodec codec =
        CheckpointCodec.builder().codecs(CompressionCodecs.of()).parallelism(1).build()) {
      CheckpointerBuilder builder =
          Checkpointer.builder("memory:").codec(codec).compression(Compression.of("zstd"));
      assertThatThrownBy(builder::build)
          .isInstanceOf(CodecUnavailableException.class)
          .hasMessageContaining("ringkernel-checkpoint-compression-zstd");

      Checkpointer plain = builder.compression(Compression.NONE).build();
      plain.save("a", TestStates.of("fdtd", 1)).block(LONG);
      assertThat(plain.verify("a", VerifyDepth.FULL).block(LONG).isWhole()).isTrue();
      plain.close().block(LONG);
    }
  }
}
