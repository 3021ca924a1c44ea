package io.ringkernel.checkpoint.core;

import java.nio.file.Path;

/** Two tiers, the near one in files. */
class TierInFilesTest extends TierContract {
  @Override
  String nearUri(Path directory) {
    return directory.toUri().toString();
  }
}
