package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.cli.files.FileContent;
import io.ringkernel.checkpoint.cli.files.FileThreads;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.IsGroupException;
import io.ringkernel.checkpoint.format.CheckpointCodec;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ChunkLayout;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import io.ringkernel.checkpoint.internal.QuotedNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Opens checkpoints to be read, under a name in a store or in a file of their own. They can be read
 * until this is closed.
 *
 * <p>An argument NAME|FILE is a name when {@code -s} is given. Otherwise it is a file when there is
 * one of that path, and else a name in the store of {@code RKCP_STORE}.
 */
final class Sources implements AutoCloseable {
  private final Session session;
  private final StoreOption store;
  private final DecodeOptions decoding;
  private final CheckpointCodec codec = CheckpointCodec.create();
  private final FileThreads threads = new FileThreads();
  private final List<FileContent> files = new ArrayList<>();
  private final List<Checkpoint> checkpoints = new ArrayList<>();
  private @Nullable Checkpointer checkpointer;

  /**
   * @param session waits
   * @param store where names are looked up
   * @param decoding limits and leniency
   */
  Sources(Session session, StoreOption store, DecodeOptions decoding) {
    this.session = session;
    this.store = store;
    this.decoding = decoding;
  }

  /** The path that an argument means, or null when it means a name. */
  @Nullable Path asFile(String argument) {
    if (store.isGiven()) {
      return null;
    }
    Path path = path(argument);
    if (path != null && Files.exists(path) && !Files.isDirectory(path)) {
      return path;
    }
    if (store.uri(session).isPresent()) {
      return null;
    }
    if (path != null && Files.isDirectory(path)) {
      throw RefusedException.wrongUsage(
          "'"
              + argument
              + "' is a directory: give a file in it; if it is a store, give -s file:"
              + argument
              + " and a name");
    }
    throw new RefusedException(
        "'"
            + argument
            + "': no such file, and no store is named to look it up in: give -s URI or set "
            + StoreOption.VARIABLE);
  }

  private static @Nullable Path path(String argument) {
    try {
      return Path.of(argument);
    } catch (InvalidPathException e) {
      // No file can have this name.
      return null;
    }
  }

  /** Opens what an argument NAME|FILE means. */
  CheckpointFile open(String argument) {
    Path path = asFile(argument);
    return path == null ? named(argument) : file(path);
  }

  /** Opens a checkpoint of the store. */
  CheckpointFile named(String name) {
    return session.await(checkpointer().openFile(name));
  }

  /**
   * The state of what an argument NAME|FILE means. A delta of version 1 that lies in a store is
   * applied on its base, which the store knows or {@code --base} names; one in a file of its own
   * only when a base is given.
   */
  StoredState state(String argument, StateOptions options) {
    Path path = asFile(argument);
    if (path == null) {
      return namedState(argument, options);
    }
    if (options.member() != null) {
      throw new RefusedException("'" + argument + "' is a file, not a group: leave out --member");
    }
    CheckpointFile file = file(path);
    String base = options.base();
    return base == null ? StoredState.of(file) : applied(argument, file, base);
  }

  /** The state of a checkpoint of the store. */
  StoredState namedState(String name, StateOptions options) {
    String member = options.member();
    String base = options.base();
    if (member != null) {
      if (base != null) {
        throw new RefusedException("'" + name + "': give --member or --base, not both");
      }
      return StoredState.of(session.await(checkpointer().groups().openMember(name, member)));
    }
    CheckpointFile file;
    try {
      file = named(name);
    } catch (IsGroupException e) {
      throw new RefusedException(
          "'"
              + name
              + "' is a group of the kernels "
              + QuotedNames.of(e.kernelIds())
              + ": say which by --member",
          e);
    }
    if (base != null) {
      return applied(name, file, base);
    }
    return WholeChunkDelta.parentDigest(file).isPresent()
        ? applied(name, file)
        : StoredState.of(file);
  }

  /** On the base that the store finds by its digest. */
  private StoredState applied(String name, CheckpointFile delta) {
    try {
      return StoredState.applied(delta, opened(checkpointer().load(name)));
    } catch (BaseMismatchException e) {
      throw new RefusedException(
          "'" + name + "' is a delta of version 1; " + e.getMessage() + " by --base", e);
    }
  }

  private StoredState applied(String name, CheckpointFile delta, String base) {
    if (WholeChunkDelta.parentDigest(delta).isEmpty()) {
      throw new RefusedException(
          "'" + name + "' is no delta of version 1 and needs no base: leave out --base");
    }
    Checkpoint before = opened(Mono.just(open(base).checkpoint(() -> {})));
    Checkpoint given = opened(Mono.just(delta.checkpoint(() -> {})));
    return StoredState.applied(delta, opened(WholeChunkDelta.apply(before, base, given)));
  }

  /** Open until this is closed. */
  private Checkpoint opened(Mono<Checkpoint> checkpoint) {
    Checkpoint opened = session.await(checkpoint);
    checkpoints.add(opened);
    return opened;
  }

  /** The group under a name; null when there is none. */
  @Nullable GroupInfo group(String name) {
    return session
        .await(
            checkpointer()
                .groups()
                .info(name)
                .map(Optional::of)
                .onErrorReturn(GroupException.class, Optional.empty())
                .onErrorReturn(CheckpointNotFoundException.class, Optional.empty()))
        .orElse(null);
  }

  /** Opens a file. */
  CheckpointFile file(Path path) {
    return session.await(codec.open(content(path), decoding));
  }

  /** The bytes of a file, which must not be one of those that a store keeps for itself. */
  FileContent content(Path path) {
    try {
      PartOfStore.refuse(path);
      FileContent content = FileContent.open(path, session.temporaryDirectory(), threads);
      files.add(content);
      return content;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes that come as a stream, in a temporary file. */
  FileContent spooled(Publisher<OwnedBuffer> bytes) {
    FileContent content =
        session.await(FileContent.spooled(bytes, session.temporaryDirectory(), threads));
    files.add(content);
    return content;
  }

  /** Works on the store. */
  Checkpointer checkpointer() {
    if (checkpointer == null) {
      checkpointer =
          Checkpointer.builder(store.existing(session)).codec(codec).decoding(decoding).build();
    }
    return checkpointer;
  }

  /** Encodes and decodes. */
  CheckpointCodec codec() {
    return codec;
  }

  /** Read and write files. */
  FileThreads threads() {
    return threads;
  }

  /** The chunks of a file, with the names that are known. */
  static List<ChunkLayout> chunks(CheckpointFile file) {
    return file.header().version() == 1
        ? RegionNames.applied(file.chunks(), file.metadata().custom())
        : file.chunks();
  }

  @Override
  public void close() {
    checkpoints.forEach(Checkpoint::close);
    if (checkpointer != null) {
      session.interruption().settle(checkpointer.close());
    }
    codec.close();
    threads.close();
    for (FileContent file : files) {
      try {
        file.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
