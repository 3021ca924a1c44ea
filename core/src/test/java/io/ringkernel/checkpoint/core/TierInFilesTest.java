package io.ringkernel.checkpoint.core;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Two tiers, the near one in files. */
class TierInFilesTest extends TierContract {
  TierInFilesTest(@TempDir Path directory) {
    super(directory.toUri().toString());
  }
}
