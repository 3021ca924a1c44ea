package io.ringkernel.checkpoint.compression;

import io.ringkernel.checkpoint.error.CodecUnavailableException;
import io.ringkernel.checkpoint.internal.Providers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The codecs that are installed, by code and by name.
 *
 * <p>A look-up that finds nothing says what is present and which artifact is missing. A provider
 * that can't be loaded is named in that message and does not hide the others; two of one code or
 * name are an error.
 */
public final class CompressionCodecs {
  private static final Map<Integer, String> KNOWN = Map.of(1, "lz4", 2, "zstd");

  private final Providers<CompressionCodecProvider> providers;

  private CompressionCodecs(Providers<CompressionCodecProvider> providers) {
    this.providers = providers;
  }

  /**
   * The codecs that {@link java.util.ServiceLoader} finds from the thread's and this library's
   * class loader.
   */
  public static CompressionCodecs installed() {
    return new CompressionCodecs(Providers.load(CompressionCodecProvider.class));
  }

  /**
   * Exactly these codecs, whatever is installed: for tests, and for applications that wire by hand.
   *
   * @param providers at most one for each code
   */
  public static CompressionCodecs of(CompressionCodecProvider... providers) {
    return new CompressionCodecs(Providers.of(List.of(providers)));
  }

  /**
   * The codec with this code.
   *
   * @param code 1 to 255; 0 is "none" and has no codec
   * @throws CodecUnavailableException when there is none, or it can't be loaded, or there are two
   */
  public CompressionCodec byCode(int code) {
    String name = KNOWN.get(code);
    String wanted = "compression code " + code + (name == null ? "" : " (" + name + ")");
    return find(wanted, provider -> provider.code() == code, code, name);
  }

  /**
   * The codec with this name.
   *
   * @param name lower case, for example {@code "zstd"}
   * @throws CodecUnavailableException when there is none, or it can't be loaded, or there are two
   */
  public CompressionCodec byName(String name) {
    int code =
        KNOWN.entrySet().stream()
            .filter(known -> known.getValue().equals(name))
            .mapToInt(Map.Entry::getKey)
            .findFirst()
            .orElse(0);
    return find(
        "compression '" + name + "'",
        provider -> provider.name().equals(name),
        code,
        code == 0 ? null : name);
  }

  /** The names of what is present, "none" first. */
  public List<String> names() {
    List<String> names = new ArrayList<>(List.of("none"));
    names.addAll(providers.names(CompressionCodecProvider::name));
    return List.copyOf(names);
  }

  private CompressionCodec find(
      String wanted,
      Predicate<CompressionCodecProvider> matches,
      int code,
      @Nullable String knownName) {
    CompressionCodecProvider provider =
        providers.only(
            wanted,
            names(),
            matches,
            knownName == null ? null : "compression-" + knownName,
            (message, cause) -> new CodecUnavailableException(code, message, cause));
    try {
      return provider.codec();
    } catch (Error e) {
      // As of a native library that is missing or of another version.
      throw new CodecUnavailableException(
          provider.code(), wanted + " is present but can't be used: " + e, e);
    }
  }
}
