/**
 * Keeps named bytes in Amazon S3, or in a store that speaks its protocol, with conditional writes
 * as the only coordination.
 *
 * <p>The object {@code sim/step-1} has the key {@code PREFIX/sim/step-1}: plain objects, which any
 * tool can copy, and objects that others put there are seen, too. An object of one part is one
 * {@code PutObject}; a larger one is a multipart upload whose parts go in parallel and which the
 * store shows when it is complete. A save that fails or is cancelled aborts it. What a killed
 * process leaves is an unfinished upload, which no reader sees; the bucket should have a life cycle
 * rule that removes those after some days.
 *
 * <p>An ETag tells contents apart, not writes: each save puts a nonce into the object's metadata,
 * and a version is both. The nonce also tells, when the answer to a write was lost, whose write is
 * there.
 *
 * <p>Requests are repeated by the SDK's own retry strategy ({@code AWS_RETRY_MODE}, {@code
 * AWS_MAX_ATTEMPTS}, or as {@link io.ringkernel.checkpoint.storage.s3.S3Storages} was told); a read
 * that breaks off goes on at the byte where it broke. Nothing blocks but the SDK's search for a
 * region and credentials, and a program's own settings, all of it on threads of each opening,
 * {@code rkcp-s3-*}; subscribers are called on those, never on the event loops of the HTTP client.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.s3;

import org.jspecify.annotations.NullMarked;
