package io.ringkernel.checkpoint.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ringkernel.checkpoint.error.ProviderUnavailableException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidersTest {
  @TempDir private Path directory;

  /** A service whose only provider, announced on the tests' class path, is missing. */
  interface Service {}

  @Test
  void tellsAFailureThatTwoClassLoadersSeeOnce() throws Exception {
    Providers<Service> providers =
        ServiceFiles.announcing(
            directory, Service.class, List.of(), () -> Providers.load(Service.class));

    ProviderUnavailableException error =
        catchThrowableOfType(
            ProviderUnavailableException.class,
            () ->
                providers.only(
                    "service 'x'",
                    List.of(),
                    provider -> true,
                    null,
                    (message, cause) -> new ProviderUnavailableException("x", message, cause)));

    assertThat(error.getMessage())
        .isEqualTo(
            "service 'x' is not on the class path; present: none; failed to load: "
                + Service.class.getName()
                + ": Provider com.example.Missing not found");
  }
}
