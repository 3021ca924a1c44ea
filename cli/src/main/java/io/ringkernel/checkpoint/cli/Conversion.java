package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.CheckpointMetadata;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.files.NewFile;
import io.ringkernel.checkpoint.cli.files.StandardOutput;
import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.EncodedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import reactor.core.publisher.Flux;

/** Writes a checkpoint as one self-contained file: what convert and export have in common. */
final class Conversion {
  @Mixin private EncodingOptions encoding = new EncodingOptions();

  @Option(
      names = "--lenient",
      description = "Accept what the reference accepts in version 1, for salvage.")
  private boolean lenient;

  @Option(
      names = "--created-at",
      paramLabel = "MICROS",
      converter = Converters.Unsigned.class,
      description = "The created_at to write, in microseconds since 1970 (default: unchanged).")
  private @Nullable Long createdAt;

  @Option(names = "--json", description = "Print what was written as a JSON object.")
  private boolean json;

  /** How the input is read. */
  DecodeOptions decoding() {
    return DecodeOptions.builder().lenient(lenient).build();
  }

  /** The version of the format to write. */
  int format() {
    return encoding.format();
  }

  /** Writes a file and tells what was written, or standard output, which is for the bytes alone. */
  void write(StoredState in, String out, Sources sources, Session session) throws IOException {
    write(contentOf(in), in.createdAtMicros(), out, sources, session);
  }

  /** The same of a checkpoint, which is closed. */
  void write(Checkpoint state, long created, String out, Sources sources, Session session)
      throws IOException {
    AtomicReference<@Nullable EncodedFile> told = new AtomicReference<>();
    EncodeOptions options =
        encoding.builder().createdAtMicros(createdAt == null ? created : createdAt).build();
    try (Checkpoint checkpoint = state) {
      Flux<OwnedBuffer> bytes = sources.codec().encode(checkpoint, options, told::set);
      if (StandardOutput.isMeant(out)) {
        session.finish(session.out().write(bytes, sources.threads()));
        return;
      }
      try (NewFile file = NewFile.at(Path.of(out))) {
        session.finish(file.write(bytes, sources.threads()));
        file.place();
      }
    }
    EncodedFile written = told.get();
    if (written != null) {
      tell(out, written, session);
    }
  }

  /** The same chunks, flags and entries; what version 1 can't hold of names goes into entries. */
  private Checkpoint contentOf(StoredState in) {
    List<DataChunk> chunks = in.chunks().stream().map(ChunkLayout::chunk).toList();
    CheckpointMetadata metadata = in.metadata();
    return Checkpoint.of(
        encoding.format() == 1 ? RegionNames.kept(metadata, chunks) : metadata, chunks, () -> {});
  }

  private void tell(String out, EncodedFile written, Session session) {
    if (json) {
      session.json(
          new Json()
              .put("file", out)
              .put("format", written.formatVersion())
              .put("compression", encoding.compression().toString())
              .put("state_bytes", written.stateSize())
              .put("file_bytes", written.size()));
    } else {
      session
          .out()
          .line(
              Printable.of(out)
                  + ": "
                  + Quantity.bytes(written.stateSize())
                  + " of state in "
                  + Quantity.bytes(written.size())
                  + ", format "
                  + written.formatVersion()
                  + ", "
                  + Summary.compression(encoding.compression().toString()));
    }
  }
}
