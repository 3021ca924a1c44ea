package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.files.FileThreads;
import io.ringkernel.checkpoint.cli.text.Printable;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Standard output or standard error: UTF-8 in every locale, and a failed write is an error, which
 * {@code PrintStream} would keep to itself.
 *
 * <p>Methods that show text take it as it is: whatever comes from a file or a store goes through
 * {@link Printable} first.
 */
final class Output {
  private final OutputStream buffered;
  private final WritableByteChannel direct;
  private final boolean terminal;
  private final boolean eager;

  /**
   * @param stream where it goes, unbuffered
   * @param terminal whether a person looks at it
   * @param eager whether lines appear at once in any case
   */
  Output(OutputStream stream, boolean terminal, boolean eager) {
    this.buffered = new BufferedOutputStream(stream, 8192);
    this.direct = Channels.newChannel(stream);
    this.terminal = terminal;
    this.eager = eager || terminal;
  }

  /** Whether a person looks at it. */
  boolean isTerminal() {
    return terminal;
  }

  /** One line; on a terminal it appears at once. */
  void line(String text) {
    text(text + "\n");
    if (eager) {
      flush();
    }
  }

  /** Text without an end of line. */
  void text(String text) {
    try {
      buffered.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** Raw bytes, at once. */
  void bytes(ByteBuffer bytes) {
    try {
      buffered.flush();
      while (bytes.hasRemaining()) {
        direct.write(bytes);
      }
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /**
   * Raw bytes as they come; each buffer is closed.
   *
   * @param bytes in order
   * @param threads on which they are written
   */
  Mono<Void> write(Publisher<OwnedBuffer> bytes, FileThreads threads) {
    return Flux.from(bytes)
        .concatMap(
            owned ->
                threads.call(
                    () -> {
                      try (owned) {
                        bytes(owned.buffer());
                      }
                      return true;
                    }),
            1)
        .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
        .then();
  }

  /** Everything written so far appears. */
  void flush() {
    try {
      buffered.flush();
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** For picocli's help texts. */
  PrintWriter writer() {
    return new PrintWriter(new OutputStreamWriter(buffered, StandardCharsets.UTF_8), true);
  }
}
