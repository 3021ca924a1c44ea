package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;

import io.ringkernel.checkpoint.error.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Fills a small file system with checkpoints to its last byte, and makes room again. */
final class FullDisk {
  private FullDisk() {}

  /** Runs this in a process that has a file system of its own, and gives what it told. */
  static List<String> inItsOwnFileSystem(Path folder) throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Path output = Files.createTempFile("full-disk", ".txt");
    Process process =
        new ProcessBuilder(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=4m tmpfs \"$1\" && exec \"$0\" -Xmx128m -cp \"$2\" "
                    + FullDisk.class.getName()
                    + " \"$1\"",
                java,
                folder.toString(),
                System.getProperty("java.class.path"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(90, TimeUnit.SECONDS);
    process.destroyForcibly();
    List<String> told = Files.readAllLines(output);
    Files.delete(output);
    if (!ended || process.waitFor() != 0) {
      throw new AssertionError("it failed: " + told);
    }
    return told;
  }

  /** Takes the folder. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Checkpointer checkpointer =
        Checkpointer.builder(folder.resolve("store").toUri().toString()).build();
    int saved = fill(checkpointer, folder);
    System.out.println("full");
    for (int i = 0; i < saved - 1; i++) {
      checkpointer.delete("n" + i).block(LONG);
    }
    System.out.println("deleted");
    // What the deletions freed is gone at once, as on a disk that others use too.
    takeAllRoom(folder.resolve("others-2"));
    CollectReport report =
        checkpointer.collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    System.out.println(report.removed().size() == saved - 1 ? "collected" : "left " + report);
    checkpointer.save("after", TestStates.of("fdtd", 99)).block(LONG);
    System.out.println("saved");
    boolean whole =
        checkpointer.verify("after", VerifyDepth.FULL).block(LONG).isWhole()
            && checkpointer.verify("n" + (saved - 1), VerifyDepth.FULL).block(LONG).isWhole();
    System.out.println(whole ? "whole" : "damaged");
    checkpointer.close().block(LONG);
    System.exit(0);
  }

  private static int fill(Checkpointer checkpointer, Path folder) throws IOException {
    int saved = 0;
    try {
      while (true) {
        checkpointer.save("n" + saved, TestStates.of("fdtd", saved)).block(LONG);
        saved++;
      }
    } catch (StorageException e) {
      takeAllRoom(folder.resolve("others"));
      return saved;
    }
  }

  private static void takeAllRoom(Path file) throws IOException {
    byte[] block = "x".repeat(4096).getBytes(StandardCharsets.US_ASCII);
    try (java.io.OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      if (Files.getFileStore(file).getUsableSpace() != 0) {
        throw e;
      }
    }
  }
}
