package io.ringkernel.checkpoint.core;

import java.nio.file.Path;

/** Groups copied into a store in files. */
class GroupCopyInFilesTest extends GroupCopyContract {
  @Override
  String targetUri(Path directory) {
    return directory.toUri().toString();
  }
}
