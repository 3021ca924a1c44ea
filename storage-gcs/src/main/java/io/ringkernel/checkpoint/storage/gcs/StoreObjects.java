package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.gax.paging.Page;
import com.google.cloud.ReadChannel;
import com.google.cloud.WriteChannel;
import com.google.cloud.storage.Blob;
import com.google.cloud.storage.BlobId;
import com.google.cloud.storage.BlobInfo;
import com.google.cloud.storage.Storage;
import com.google.cloud.storage.Storage.BlobField;
import com.google.cloud.storage.Storage.BlobGetOption;
import com.google.cloud.storage.Storage.BlobListOption;
import com.google.cloud.storage.Storage.BlobSourceOption;
import com.google.cloud.storage.Storage.BlobTargetOption;
import com.google.cloud.storage.Storage.BlobWriteOption;
import com.google.cloud.storage.StorageException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.StorageNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The objects of one store, by their names in it: every call that is made of the client. */
final class StoreObjects {
  /** A condition that holds when nothing is there. */
  static final long ABSENT = 0;

  private static final int NOT_FOUND = 404;
  private static final int PRECONDITION_FAILED = 412;
  private static final String CONTENT_TYPE = "application/octet-stream";
  private static final String RESERVED = ".well-known/acme-challenge/";

  /** The most that the service puts into a page. */
  private static final int PAGE = 1000;

  private static final BlobField[] FIELDS = {
    BlobField.NAME,
    BlobField.SIZE,
    BlobField.GENERATION,
    BlobField.TIME_CREATED,
    BlobField.METADATA,
    BlobField.CRC32C
  };

  private final GcsOptions options;
  private final GcsClient client;

  StoreObjects(GcsOptions options, GcsClient client) {
    this.options = options;
    this.client = client;
  }

  /** Refuses what is no name here. */
  String requireValid(String name) {
    StorageNames.requireValid(name);
    if (options.prefix().isEmpty() && name.startsWith(RESERVED)) {
      throw new InvalidNameException(name, "the service keeps names within " + RESERVED);
    }
    return name;
  }

  int partSize() {
    return options.partSize();
  }

  /** What is there, or null. One request. */
  @Nullable Found find(Wire wire, String name) throws IOException {
    return wire.run(() -> find(name)).orElse(null);
  }

  /** The same, tried once. */
  @Nullable Found findOnce(Wire wire, String name) throws IOException {
    return wire.runOnce(() -> find(name)).orElse(null);
  }

  private Optional<Found> find(String name) {
    List<BlobGetOption> with = new ArrayList<>(List.of(BlobGetOption.fields(FIELDS)));
    if (options.userProject() != null) {
      with.add(BlobGetOption.userProject(options.userProject()));
    }
    Blob blob = storage().get(id(name), with.toArray(BlobGetOption[]::new));
    return Optional.ofNullable(blob).map(found -> Found.of(name, found));
  }

  /** What is there; refuses when there is nothing, or another version. One request. */
  Found require(Wire wire, String name, @Nullable String expectedVersion) throws IOException {
    Found present = find(wire, name);
    if (present == null) {
      throw new CheckpointNotFoundException(name);
    }
    if (expectedVersion != null) {
      Found.requireVersion(name, expectedVersion, present);
    }
    return present;
  }

  /** An object to be made. */
  BlobInfo describe(String name, Map<String, String> attributes, String nonce) {
    Map<String, String> metadata = new HashMap<>(attributes);
    metadata.put(Found.NONCE, nonce);
    return BlobInfo.newBuilder(id(name)).setContentType(CONTENT_TYPE).setMetadata(metadata).build();
  }

  /**
   * Makes a small object. One request.
   *
   * @param bytes an array's, from position to limit
   * @param generation the one that must be there, {@link #ABSENT}, or null for any
   */
  Found create(String name, BlobInfo info, ByteBuffer bytes, @Nullable Long generation) {
    List<BlobTargetOption> with = new ArrayList<>(List.of(BlobTargetOption.disableGzipContent()));
    if (generation != null) {
      with.add(
          generation == ABSENT
              ? BlobTargetOption.doesNotExist()
              : BlobTargetOption.generationMatch(generation));
    }
    if (options.userProject() != null) {
      with.add(BlobTargetOption.userProject(options.userProject()));
    }
    Blob made =
        storage()
            .create(
                info,
                bytes.array(),
                bytes.arrayOffset() + bytes.position(),
                bytes.remaining(),
                with.toArray(BlobTargetOption[]::new));
    return Found.of(name, made);
  }

  /**
   * Begins a large object; it is there once the channel is closed, and never if it isn't. One
   * request, and one for each part.
   *
   * @param generation the one that must be there, {@link #ABSENT}, or null for any
   */
  WriteChannel writer(BlobInfo info, @Nullable Long generation) {
    List<BlobWriteOption> with = new ArrayList<>();
    if (generation != null) {
      with.add(
          generation == ABSENT
              ? BlobWriteOption.doesNotExist()
              : BlobWriteOption.generationMatch(generation));
    }
    if (options.userProject() != null) {
      with.add(BlobWriteOption.userProject(options.userProject()));
    }
    WriteChannel channel = storage().writer(info, with.toArray(BlobWriteOption[]::new));
    channel.setChunkSize(options.partSize());
    return channel;
  }

  /** Reads a version. One request, and one more each time that it breaks. */
  ReadChannel reader(String name, long generation) {
    List<BlobSourceOption> with =
        new ArrayList<>(List.of(BlobSourceOption.shouldReturnRawInputStream(true)));
    if (options.userProject() != null) {
      with.add(BlobSourceOption.userProject(options.userProject()));
    }
    BlobId id = BlobId.of(options.bucket(), key(name), generation);
    ReadChannel channel = storage().reader(id, with.toArray(BlobSourceOption[]::new));
    // Bytes go from the connection into the buffers of whoever asked, with none between.
    channel.setChunkSize(0);
    return channel;
  }

  /** Removes a version; false when nothing is there. One request. */
  boolean delete(String name, long generation) {
    List<BlobSourceOption> with =
        new ArrayList<>(List.of(BlobSourceOption.generationMatch(generation)));
    if (options.userProject() != null) {
      with.add(BlobSourceOption.userProject(options.userProject()));
    }
    return storage().delete(id(name), with.toArray(BlobSourceOption[]::new));
  }

  /** The first of the objects whose names begin with a prefix. One request for each page. */
  Page<Blob> list(String prefix) {
    List<BlobListOption> with =
        new ArrayList<>(
            List.of(
                BlobListOption.prefix(key(prefix)),
                BlobListOption.pageSize(PAGE),
                BlobListOption.fields(FIELDS)));
    if (options.userProject() != null) {
      with.add(BlobListOption.userProject(options.userProject()));
    }
    return storage().list(options.bucket(), with.toArray(BlobListOption[]::new));
  }

  /** An object of a listing, or null when what somebody put there has no name in this store. */
  @Nullable Found listed(Blob blob) {
    String name = blob.getName().substring(options.prefix().length());
    try {
      return Found.of(requireValid(name), blob);
    } catch (InvalidNameException e) {
      return null;
    }
  }

  /** Whether a condition did not hold. */
  static boolean isConflict(Throwable failure) {
    StorageException service = RetryRule.serviceFailure(failure);
    return service != null && service.getCode() == PRECONDITION_FAILED;
  }

  /** Whether what was asked for is not there. */
  static boolean isGone(Throwable failure) {
    StorageException service = RetryRule.serviceFailure(failure);
    return service != null && service.getCode() == NOT_FOUND;
  }

  private Storage storage() {
    return client.storage();
  }

  private BlobId id(String name) {
    return BlobId.of(options.bucket(), key(name));
  }

  private String key(String name) {
    return options.prefix() + name;
  }
}
