package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.cli.files.FileContent;
import io.ringkernel.checkpoint.cli.files.FileThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of a checkpoint to be saved, open until this is closed. */
final class OpenState implements AutoCloseable {
  private final List<DataChunk> chunks = new ArrayList<>();
  private final List<FileContent> files = new ArrayList<>();

  private OpenState() {}

  /** Opens all files, and copies what has no size aside. */
  static OpenState of(List<StateFile> state, FileThreads threads, Session session) {
    OpenState open = new OpenState();
    try {
      for (StateFile from : state) {
        FileContent content = session.await(threads.call(() -> open(from, threads, session)));
        open.files.add(content);
        open.chunks.add(from.chunk().withContent(content));
      }
      return open;
    } catch (RuntimeException e) {
      open.close();
      throw e;
    }
  }

  private static FileContent open(StateFile from, FileThreads threads, Session session)
      throws IOException {
    return from.isStandardInput()
        ? FileContent.spooled("standard input", session.in(), session.temporaryDirectory(), threads)
        : FileContent.open(Path.of(from.file()), session.temporaryDirectory(), threads);
  }

  /** The chunks with their bytes, in order. */
  List<DataChunk> chunks() {
    return chunks;
  }

  @Override
  public void close() {
    try {
      for (FileContent file : files) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
