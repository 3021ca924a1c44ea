package io.ringkernel.checkpoint.storage.gcs;

import com.google.cloud.WriteChannel;
import com.google.cloud.storage.BlobInfo;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.Attempt;
import io.ringkernel.checkpoint.storage.blocking.BlockingOperations;
import io.ringkernel.checkpoint.storage.blocking.BlockingSave;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one save: one, if all fits into a part; else a resumable upload, whose last
 * request makes the object.
 *
 * <p>The client's channel makes the object when it is closed, with whatever was written: it is
 * closed by the commit and by nothing else. One that is dropped has an upload at the service that
 * nobody sees, which expires.
 */
final class GcsSave implements BlockingSave {
  private final StoreObjects objects;
  private final String name;
  private final SaveOptions options;
  private final Attempt attempt;
  private final Wire wire;
  private final Checksum checksum = new Checksum();
  private final FirstPart firstPart;
  private String nonce = "";
  private @Nullable BlobInfo info;

  /** The generation that must be there; null for any. */
  private @Nullable Long generation;

  private @Nullable WriteChannel channel;

  /** Does nothing yet. */
  GcsSave(StoreObjects objects, String name, SaveOptions options, Attempt attempt) {
    this.objects = objects;
    this.name = name;
    this.options = options;
    this.attempt = attempt;
    this.wire = Wire.of(attempt);
    this.firstPart = new FirstPart(objects.partSize());
  }

  @Override
  public void begin() throws IOException {
    nonce = UUID.randomUUID().toString();
    info = objects.describe(name, options.attributes(), nonce);
    String expected = options.expectedVersion().orElse(null);
    if (options.isOnlyIfAbsent()) {
      generation = StoreObjects.ABSENT;
    } else if (expected != null) {
      generation = Generations.parse(expected);
      if (generation == null) {
        throw refused();
      }
    }
  }

  @Override
  public void write(List<OwnedBuffer> batch) throws IOException {
    try {
      for (OwnedBuffer each : batch) {
        write(each.buffer());
      }
    } catch (IOException | RuntimeException e) {
      if (StoreObjects.isConflict(e)) {
        throw refused();
      }
      throw e;
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    checksum.add(bytes);
    WriteChannel to = channel;
    if (to == null) {
      if (firstPart.takes(bytes)) {
        return;
      }
      to = wire.run(() -> objects.writer(described(), generation));
      channel = to;
      writeAll(to, firstPart.bytes());
      firstPart.clear();
    }
    writeAll(to, bytes);
  }

  private void writeAll(WriteChannel to, ByteBuffer bytes) throws IOException {
    wire.run(
        () -> {
          while (bytes.hasRemaining()) {
            if (to.write(bytes) == 0) {
              throw new IOException("the upload takes no more bytes");
            }
          }
          return true;
        });
  }

  @Override
  public Optional<StoredObject> commit() throws IOException {
    wire.commit();
    if (attempt.isUnwanted()) {
      return Optional.empty();
    }
    WriteChannel open = channel;
    Found made;
    try {
      made = open == null ? create() : finish(open);
    } catch (IOException | RuntimeException e) {
      made = oursInSpiteOf(e);
    }
    requireUndamaged(made);
    return Optional.of(made.object());
  }

  private Found create() throws IOException {
    ByteBuffer bytes = firstPart.bytes();
    if (generation != null) {
      return wire.run(() -> objects.create(name, described(), bytes, generation));
    }
    try {
      return wire.runUnrepeatable(() -> objects.create(name, described(), bytes, null));
    } catch (RuntimeException e) {
      if (!RetryRule.isTransient(e) || attempt.isUnwanted()) {
        throw e;
      }
      return replace(bytes);
    }
  }

  /**
   * A second try of a save without a condition. It has one: should the first arrive late, the
   * second fails, and finds that it is done.
   */
  private Found replace(ByteBuffer bytes) throws IOException {
    while (!attempt.isUnwanted()) {
      Found present = objects.find(wire, name);
      if (present != null && isOurs(present)) {
        return present;
      }
      long seen = present == null ? StoreObjects.ABSENT : present.generation();
      try {
        return wire.run(() -> objects.create(name, described(), bytes, seen));
      } catch (RuntimeException e) {
        if (!StoreObjects.isConflict(e)) {
          throw e;
        }
        // Our own first try, or another's save: look again.
      }
    }
    throw BlockingOperations.closed(name);
  }

  private Found finish(WriteChannel open) throws IOException {
    wire.run(
        () -> {
          open.close();
          return true;
        });
    Found told = wire.answer() == null ? null : Found.of(name, wire.answer());
    if (told == null || !isOurs(told)) {
      told = objects.find(wire, name);
    }
    if (told == null || !isOurs(told)) {
      throw new StorageException(
          "'" + name + "' was stored, and replaced or removed at once; look at what is there now",
          false,
          null);
    }
    return told;
  }

  /** What was made, when a failure hid it; else that failure, worded as what it means. */
  private Found oursInSpiteOf(Exception failure) throws IOException {
    if (StoreObjects.isConflict(failure)) {
      // Unless it can be looked at, nobody knows whose it is: the look's own failure says so.
      Found present = objects.find(wire, name);
      if (present != null && isOurs(present)) {
        return present;
      }
      throw refused(present);
    }
    Found present = wire.isDoubtful() ? glimpse(failure) : null;
    if (present != null && isOurs(present)) {
      return present;
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    throw (RuntimeException) failure;
  }

  /** What is there, if it can be told at once after a failure. */
  private @Nullable Found glimpse(Exception failure) {
    try {
      return objects.findOnce(wire, name);
    } catch (IOException | RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
      return null;
    }
  }

  private boolean isOurs(Found present) {
    return nonce.equals(present.nonce());
  }

  private RuntimeException refused() throws IOException {
    return refused(options.isOnlyIfAbsent() ? null : objects.find(wire, name));
  }

  private RuntimeException refused(@Nullable Found present) {
    String expected = options.expectedVersion().orElse(null);
    return expected == null
        ? new AlreadyExistsException(name)
        : new ChangedMeanwhileException(
            name, expected, present == null ? null : present.object().version());
  }

  /** The service checks it, too; a server that does not must not keep what is damaged. */
  private void requireUndamaged(Found made) throws IOException {
    if (checksum.isThat(made.crc32c())) {
      return;
    }
    wire.run(() -> objects.delete(name, made.generation()));
    throw new StorageException(
        "'"
            + name
            + "': the service stored bytes with the CRC-32C "
            + made.crc32c()
            + ", sent were "
            + checksum
            + "; they were damaged on their way and are removed again: save again",
        true,
        null);
  }

  private BlobInfo described() {
    return Objects.requireNonNull(info, "begin comes first");
  }

  /** Leaves an unfinished upload as it is: to close its channel would publish it. */
  @Override
  public void close() {
    firstPart.clear();
    channel = null;
  }
}
