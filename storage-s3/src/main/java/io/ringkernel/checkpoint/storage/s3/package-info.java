/**
 * A storage that keeps named bytes in Amazon S3, or in a store that speaks its protocol, with
 * conditional writes as the only coordination.
 *
 * <p>The object {@code sim/step-1} has the key {@code PREFIX/sim/step-1}: plain objects, which any
 * tool can copy. Objects that others put there are seen, too. An object of one part is one {@code
 * PutObject}. A larger one is a multipart upload: its parts go in parallel, and the store shows it
 * when it is complete. A save that fails or is cancelled aborts the upload. A killed process leaves
 * an unfinished upload, which no reader sees; the bucket should have a life cycle rule that removes
 * such uploads after some days.
 *
 * <p>An ETag distinguishes contents, not writes. So each save puts a nonce into the object's
 * metadata, and a version is ETag and nonce. When the answer to a write was lost, the nonce also
 * tells whose write is there.
 *
 * <p>Requests are repeated by the SDK's own retry strategy ({@code AWS_RETRY_MODE}, {@code
 * AWS_MAX_ATTEMPTS}, or as set through {@link io.ringkernel.checkpoint.storage.s3.S3Storages}). A
 * read that breaks off goes on at the byte where it broke. Only the SDK's search for a region and
 * credentials, and a program's own settings, block. They run on threads of each opening, {@code
 * rkcp-s3-*}. Subscribers are called on these threads, never on the event loops of the HTTP client.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.s3;

import org.jspecify.annotations.NullMarked;
