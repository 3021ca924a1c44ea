package io.ringkernel.checkpoint.core;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Groups copied into a store in files. */
class GroupCopyInFilesTest extends GroupCopyContract {
  GroupCopyInFilesTest(@TempDir Path directory) {
    super(directory.toUri().toString());
  }
}
