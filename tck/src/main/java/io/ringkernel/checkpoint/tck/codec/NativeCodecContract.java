package io.ringkernel.checkpoint.tck.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/**
 * The contract of a provider whose codec needs a native library. It must be a module. On a machine
 * where the library can't be loaded, it must still be found, and say so when it is asked for its
 * codec.
 */
public abstract class NativeCodecContract {
  /** For the provider's test class. */
  protected NativeCodecContract() {}

  /** A new provider. */
  protected abstract CompressionCodecProvider provider();

  /** The name of its module. */
  protected abstract String module();

  /**
   * A class of each jar that the module requires, directly or not, besides this library's and
   * Reactor's.
   */
  protected abstract List<Class<?>> libraries();

  /**
   * Options for a JVM in which the library can't be loaded, as on a machine that it was not built
   * for.
   */
  protected List<String> optionsOfAJvmWithoutTheLibrary() {
    return List.of("-Dos.arch=pdp11", "-Djava.library.path=");
  }

  @Test
  void isFoundOnTheModulePath() throws ReflectiveOperationException {
    Class<?>[] places =
        Stream.concat(
                libraries().stream(),
                Stream.of(
                    provider().getClass(), CompressionCodec.class, Flux.class, Publisher.class))
            .toArray(Class<?>[]::new);

    List<ServiceLoader.Provider<?>> providers =
        ModulePath.providers(module(), CompressionCodecProvider.class, places);

    assertThat(providers).hasSize(1);
    Class<?> type = providers.get(0).type();
    assertThat(type.getModule().getName()).isEqualTo(module());
    assertThat(type.getName()).isEqualTo(provider().getClass().getName());
    Object codec = type.getMethod("codec").invoke(providers.get(0).get());
    assertThat(codec)
        .as("a codec whose native library is loaded")
        .hasToString(provider().codec().toString());
  }

  @Test
  void givesTheSameCodecEveryTime() {
    assertThat(provider().codec()).isSameAs(provider().codec());
  }

  @Test
  void isFoundWhereItsNativeLibraryCanNotBeLoadedAndSaysSoWhenAsked() throws Exception {
    String name = provider().name();

    List<String> said = ChildJvm.run(AskForTheCodec.class, optionsOfAJvmWithoutTheLibrary(), name);

    assertThat(said)
        .hasSize(5)
        .contains(
            "found " + List.of("none", name),
            "code " + provider().code(),
            "has a cause: true",
            "the same cause again: true");
    assertThat(said.get(2)).contains(name).contains("native library");
  }

  /** What the child process does. */
  static final class AskForTheCodec {
    private AskForTheCodec() {}

    public static void main(String[] arguments) {
      String name = arguments[0];
      System.out.println("found " + CompressionCodecs.installed().names());
      CodecUnavailableException first = refusal(name);
      System.out.println("code " + first.code());
      System.out.println(first.getMessage());
      System.out.println("has a cause: " + (first.getCause() != null));
      System.out.println("the same cause again: " + (refusal(name).getCause() == first.getCause()));
    }

    private static CodecUnavailableException refusal(String name) {
      try {
        throw new AssertionError(CompressionCodecs.installed().byName(name) + " was loaded");
      } catch (CodecUnavailableException e) {
        return e;
      }
    }
  }
}
