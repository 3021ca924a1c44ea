package io.ringkernel.checkpoint.compression.lz4;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.compression.CompressionCodec;
import io.ringkernel.checkpoint.compression.CompressionCodecProvider;
import io.ringkernel.checkpoint.compression.CompressionCodecs;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.tck.codec.ChildJvm;
import io.ringkernel.checkpoint.tck.codec.ModulePath;
import java.util.List;
import java.util.ServiceLoader;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

class Lz4ProviderTest {
  private static final String MODULE = "io.ringkernel.checkpoint.compression.lz4";

  @Test
  void isFoundOnTheModulePath() throws ReflectiveOperationException {
    List<ServiceLoader.Provider<?>> providers =
        ModulePath.providers(
            MODULE,
            CompressionCodecProvider.class,
            Lz4CodecProvider.class,
            CompressionCodec.class,
            LZ4Factory.class,
            Flux.class,
            Publisher.class);

    assertThat(providers).hasSize(1);
    Class<?> type = providers.get(0).type();
    assertThat(type.getModule().getName()).isEqualTo(MODULE);
    assertThat(type.getName()).isEqualTo(Lz4CodecProvider.class.getName());
    Object codec = type.getMethod("codec").invoke(providers.get(0).get());
    assertThat(codec).as("a codec whose native library is loaded").hasToString("lz4");
  }

  @Test
  void givesTheSameCodecEveryTime() {
    assertThat(new Lz4CodecProvider().codec()).isSameAs(new Lz4CodecProvider().codec());
  }

  @Test
  void isFoundWhereItsNativeLibraryCanNotBeLoadedAndSaysSoWhenAsked() throws Exception {
    List<String> onAMachineForWhichNoLibraryWasBuilt =
        List.of("-Dos.arch=pdp11", "-Djava.library.path=");
    assertThat(ChildJvm.run(AskForTheCodec.class, onAMachineForWhichNoLibraryWasBuilt))
        .containsExactly(
            "found [none, lz4]",
            "code 1",
            "compression code 1 (lz4) is installed, but its native library can't be loaded",
            "has a cause: true",
            "the same again: true");
  }

  /** What the child process does. */
  static final class AskForTheCodec {
    public static void main(String[] arguments) {
      System.out.println("found " + CompressionCodecs.installed().names());
      CodecUnavailableException first = refusal();
      System.out.println("code " + first.code());
      String message = first.getMessage();
      System.out.println(message.substring(0, message.indexOf(" on ", message.indexOf("loaded"))));
      System.out.println("has a cause: " + (first.getCause() != null));
      System.out.println("the same again: " + (refusal().getCause() == first.getCause()));
    }

    private static CodecUnavailableException refusal() {
      try {
        throw new AssertionError(CompressionCodecs.installed().byName("lz4") + " was loaded");
      } catch (CodecUnavailableException e) {
        return e;
      }
    }
  }
}
