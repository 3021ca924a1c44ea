package io.ringkernel.checkpoint.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** A codec that throws errors, as one of the wrong version does, fails what it is used for. */
class BrokenCodecTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private @Nullable String brokenCall;
  private Error failure = new LinkageError();
  private final CheckpointCodec codec =
      CheckpointCodec.builder()
          .parallelism(2)
          .codecs(
              CompressionCodecs.of(
                  new Provider(breakable(CompressionCodecs.installed().byName("lz4")))))
          .build();

  @AfterEach
  void close() {
    codec.close();
  }

  /** Throws what is set, in the call that is set, of itself and of all that it makes. */
  private CompressionCodec breakable(CompressionCodec whole) {
    return (CompressionCodec) breakable(CompressionCodec.class, whole);
  }

  private Object breakable(Class<?> type, Object whole) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          if (method.getName().equals(brokenCall)) {
            throw failure;
          }
          try {
            Object result = method.invoke(whole, arguments);
            return method.getReturnType().isInterface()
                ? breakable(method.getReturnType(), result)
                : result;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private record Provider(CompressionCodec codec) implements CompressionCodecProvider {
    @Override
    public int code() {
      return 1;
    }

    @Override
    public String name() {
      return "lz4";
    }
  }

  static Stream<Arguments> writing() {
    return Stream.of(
        Arguments.of(2, "defaultLevel"),
        Arguments.of(2, "blockCompressor"),
        Arguments.of(2, "compress"),
        Arguments.of(1, "defaultLevel"),
        Arguments.of(1, "frameCompressor"),
        Arguments.of(1, "maxOutput"),
        Arguments.of(1, "compress"));
  }

  static Stream<Arguments> reading() {
    return Stream.of(
        Arguments.of(2, "blockDecompressor"),
        Arguments.of(2, "decompress"),
        Arguments.of(1, "frameDecompressor"),
        Arguments.of(1, "decompress"));
  }

  @ParameterizedTest
  @MethodSource("writing")
  void failsTheSave(int version, String call) {
    brokenCall = call;
    expectFailureOf(() -> encode(version), new NoSuchMethodError("compressBound"));
    expectFailureOf(() -> encode(version), new OutOfMemoryError("Direct buffer memory"));
  }

  @ParameterizedTest
  @MethodSource("reading")
  void failsTheLoad(int version, String call) {
    byte[] file = encode(version);
    brokenCall = call;
    expectFailureOf(() -> verify(file), new NoSuchMethodError("decompressBound"));
    expectFailureOf(() -> verify(file), new OutOfMemoryError("Direct buffer memory"));
  }

  private void expectFailureOf(Runnable use, Error cause) {
    failure = cause;
    assertThat(catchThrowable(use::run))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("lz4")
        .hasMessageContaining(cause.getMessage())
        .hasCause(cause);
  }

  private byte[] encode(int version) {
    Checkpoint state =
        Checkpoint.of(
            CheckpointMetadata.builder("kernel", "type").build(),
            List.of(DataChunk.region("ones", ChunkContent.of(ones(300_000)))),
            () -> {});
    EncodeOptions options =
        EncodeOptions.builder().formatVersion(version).compression(Compression.of("lz4")).build();
    return bytes(codec.encode(state, options));
  }

  private static byte[] ones(int length) {
    byte[] ones = new byte[length];
    Arrays.fill(ones, (byte) 1);
    return ones;
  }

  private static byte[] bytes(Flux<OwnedBuffer> encoded) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    encoded
        .doOnNext(
            piece -> {
              try (piece) {
                byte[] bytes = new byte[piece.buffer().remaining()];
                piece.buffer().duplicate().get(bytes);
                all.writeBytes(bytes);
              }
            })
        .blockLast(PATIENCE);
    return all.toByteArray();
  }

  private void verify(byte[] file) {
    Objects.requireNonNull(
        codec
            .open(ChunkContent.of(file), DecodeOptions.defaults())
            .flatMap(opened -> opened.verifyAll().thenReturn(opened))
            .block(PATIENCE));
  }
}
