package io.ringkernel.checkpoint.storage.s3;

/** What a store makes of {@code If-Match} on a delete. */
enum ConditionalDelete {
  /** It deletes that version or nothing, as Amazon's does. */
  HONOURED,
  /** It may ignore it, as MinIO does: it is sent, and nothing relies on it. */
  DOUBTED,
  /** It refuses requests with it. */
  REFUSED
}
