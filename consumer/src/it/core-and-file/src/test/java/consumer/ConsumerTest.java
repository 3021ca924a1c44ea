package consumer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.error.CodecUnavailableException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user's project sees who takes core and the file storage from the BOM, and nothing else. */
class ConsumerTest {
  @TempDir Path store;

  @Test
  void savesAndLoadsThroughAFileStore() {
    byte[] state = "the state of a kernel".getBytes();
    Checkpointer checkpointer = Checkpointer.open("file:" + store);
    try (Checkpoint checkpoint =
        Checkpoint.builder(CheckpointMetadata.builder("k", "t").step(7).build())
            .deviceMemory("field", ChunkContent.of(state))
            .build()) {
      checkpointer.save("first", checkpoint).block();
    }
    try (Checkpoint loaded = checkpointer.load("first").block()) {
      assertEquals(7, loaded.metadata().step());
      assertArrayEquals(state, bytes(loaded, "field"));
    }
    checkpointer.close().block();
  }

  @Test
  void anLz4FileNamesTheArtifactThatIsMissing() throws Exception {
    try (InputStream file = ConsumerTest.class.getResourceAsStream("/lz4.rkcp")) {
      Files.copy(file, store.resolve("packed.rkcp"));
    }
    Checkpointer checkpointer = Checkpointer.open("file:" + store);
    try (Checkpoint loaded = checkpointer.load("packed").block()) {
      CodecUnavailableException e =
          assertThrows(CodecUnavailableException.class, () -> bytes(loaded, "field"));
      assertEquals(
          "'packed': compression code 1 (lz4) is not on the class path:"
              + " add io.ringkernel:ringkernel-checkpoint-compression-lz4; present: none",
          e.getMessage());
    }
    checkpointer.close().block();
  }

  @Test
  void nothingOptionalIsOnTheClassPath() {
    String classPath = System.getProperty("java.class.path");
    for (String optional : new String[] {"lz4", "zstd", "google-cloud", "awssdk", "jcuda", "picocli"}) {
      assertFalse(classPath.contains(optional), optional + " came along");
    }
  }

  private static byte[] bytes(Checkpoint checkpoint, String region) {
    ChunkContent content = checkpoint.region(region).orElseThrow().content();
    ByteBuffer target = ByteBuffer.allocate((int) content.size());
    content.read(0, target).block();
    return target.array();
  }
}
