package io.ringkernel.checkpoint.storage;

/** A storage for a URI scheme, found by {@link java.util.ServiceLoader}. */
public interface CheckpointStorageProvider {
  /** The scheme, lower case, without the colon: {@code "file"}. */
  String scheme();

  /**
   * A storage at a location. MUST do no I/O: that begins with the first subscription.
   *
   * @param options the URI, taken apart
   * @return a storage that the caller closes
   * @throws io.ringkernel.checkpoint.error.InvalidOptionException for a location or parameter that
   *     it can't use
   */
  CheckpointStorage create(StorageOptions options);
}
