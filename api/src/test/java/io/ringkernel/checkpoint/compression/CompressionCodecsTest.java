package io.ringkernel.checkpoint.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.internal.ServiceFiles;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionCodecsTest {
  private static final StubProvider ZSTD = new StubProvider.Zstd();

  @TempDir private Path directory;

  @Test
  void findsACodecByCodeAndByName() {
    CompressionCodecs codecs = CompressionCodecs.of(new StubProvider(9, "snappy"), ZSTD);

    assertThat(codecs.byCode(2).name()).isEqualTo("zstd");
    assertThat(codecs.byName("zstd").code()).isEqualTo(2);
    assertThat(codecs.byName("snappy").code()).isEqualTo(9);
    assertThat(codecs.names()).containsExactly("none", "snappy", "zstd");
  }

  @Test
  void saysWhichArtifactIsMissingAndWhatIsPresent() {
    assertThatThrownBy(() -> CompressionCodecs.of(ZSTD).byCode(1))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessage(
            "compression code 1 (lz4) is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-compression-lz4; present: none, zstd")
        .hasNoCause()
        .satisfies(e -> assertThat(((CodecUnavailableException) e).code()).isEqualTo(1));
    assertThatThrownBy(() -> CompressionCodecs.of().byName("zstd"))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessage(
            "compression 'zstd' is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-compression-zstd; present: none");
  }

  @Test
  void namesNoArtifactForACodecItNeverHeardOf() {
    assertThatThrownBy(() -> CompressionCodecs.of(ZSTD).byCode(77))
        .hasMessage("compression code 77 is not on the class path; present: none, zstd");
    assertThatThrownBy(() -> CompressionCodecs.of(ZSTD).byName("brotli"))
        .hasMessage("compression 'brotli' is not on the class path; present: none, zstd");
  }

  @Test
  void saysWhenACodecThatIsPresentDoesNotFitItsLibrary() {
    LinkageError misfit = new UnsatisfiedLinkError("no such symbol");
    StubProvider provider =
        new StubProvider(2, "zstd") {
          @Override
          public CompressionCodec codec() {
            throw misfit;
          }
        };

    assertThatThrownBy(() -> CompressionCodecs.of(provider).byName("zstd"))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("compression 'zstd' is present but can't be used")
        .hasMessageContaining("no such symbol")
        .hasCause(misfit)
        .satisfies(e -> assertThat(((CodecUnavailableException) e).code()).isEqualTo(2));
  }

  @Test
  void refusesTwoOfOneCodeOrName() {
    CompressionCodecs codecs =
        CompressionCodecs.of(
            ZSTD,
            new StubProvider.OtherZstd(),
            new StubProvider(7, "a"),
            new StubProvider(8, "a"),
            new StubProvider(7, "b"));
    String zstds =
        " is provided more than once: "
            + StubProvider.Zstd.class.getName()
            + ", "
            + StubProvider.OtherZstd.class.getName()
            + "; keep one";

    assertThatThrownBy(() -> codecs.byCode(2))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessage("compression code 2 (zstd)" + zstds);
    assertThatThrownBy(() -> codecs.byName("zstd")).hasMessage("compression 'zstd'" + zstds);
    assertThatThrownBy(() -> codecs.byCode(7)).hasMessageContaining("more than once");
    assertThatThrownBy(() -> codecs.byName("a")).hasMessageContaining("more than once");
    assertThat(codecs.byCode(8).code()).isEqualTo(8);
    assertThat(codecs.byName("b").code()).isEqualTo(7);
  }

  @Test
  void findsProvidersOfTheThreadsClassLoader() throws Exception {
    CompressionCodecs codecs = installed(StubProvider.Zstd.class.getName());

    assertThat(codecs.names()).containsExactly("none", "zstd");
    assertThat(codecs.byCode(2).code()).isEqualTo(2);
  }

  @Test
  void aBrokenProviderIsNamedAndDoesNotHideTheOthers() throws Exception {
    CompressionCodecs codecs =
        installed(
            StubProvider.Broken.class.getName(),
            "com.example.Missing",
            StubProvider.Stranger.class.getName(),
            StubProvider.Zstd.class.getName());

    assertThat(codecs.byName("zstd").code()).isEqualTo(2);
    CodecUnavailableException error =
        catchThrowableOfType(CodecUnavailableException.class, () -> codecs.byCode(1));
    assertThat(error)
        .hasMessageStartingWith(
            "compression code 1 (lz4) is not on the class path: add"
                + " io.ringkernel:ringkernel-checkpoint-compression-lz4; present: none, zstd;"
                + " failed to load: ")
        .hasMessageContaining(StubProvider.Broken.class.getName())
        .hasMessageContaining("com.example.Missing")
        .hasMessageContaining(StubProvider.Stranger.class.getName())
        .hasCauseInstanceOf(ServiceConfigurationError.class)
        .hasRootCauseMessage("no luck today");
  }

  @Test
  void aServiceFileThatIsNoneDoesNotHideTheOthers() throws Exception {
    assertThat(installed(StubProvider.Zstd.class.getName(), "not a class name!").names())
        .contains("none");
    assertThatThrownBy(() -> installed("not a class name!").byCode(1))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessageContaining("failed to load");
  }

  @Test
  void endsWhenEveryProviderIsBroken() throws Exception {
    List<String> broken =
        Stream.iterate(0, i -> i + 1).limit(1_000).map(i -> "com.example.Missing" + i).toList();

    CompressionCodecs codecs = installed(broken.toArray(String[]::new));

    assertThat(codecs.names()).containsExactly("none");
  }

  @Test
  void aProviderAnnouncedTwiceIsOne() throws Exception {
    String zstd = StubProvider.Zstd.class.getName();

    assertThat(installed(Collections.nCopies(2, zstd).toArray(String[]::new)).byCode(2).code())
        .isEqualTo(2);
  }

  @Test
  void passesOnWhyACodecCanNotBeLoaded() {
    assertThatThrownBy(
            () -> CompressionCodecs.of(new StubProvider.WithoutNativeLibrary()).byCode(1))
        .isInstanceOf(CodecUnavailableException.class)
        .hasMessage("lz4 can't be loaded")
        .hasRootCauseMessage("no liblz4 here");
  }

  private CompressionCodecs installed(String... providers) throws Exception {
    return ServiceFiles.announcing(
        directory,
        CompressionCodecProvider.class,
        List.of(providers),
        CompressionCodecs::installed);
  }
}
