/**
 * A storage that keeps named bytes as objects of a Google Cloud Storage bucket.
 *
 * <p>The object {@code sim/step-1} of {@code gs://bucket/runs} is {@code runs/sim/step-1} in the
 * bucket; its version is the object's generation, its attributes are the object's metadata. A small
 * save is one request. A larger one is a resumable upload, part by part, whose bytes nobody sees
 * before its last request. An upload that fails or is cancelled is simply left: it stays invisible,
 * and the service forgets it. Conditions are generation preconditions, so they hold exactly between
 * all processes.
 *
 * <p>The client retries transient failures. Each save puts a random nonce beside its attributes:
 * when a condition fails after a response was lost, the nonce tells whether our own first try took
 * the name. A CRC-32C goes along with every save and is checked by the service. An object that is
 * read whole is checked again here; parts of an object are not, because the service has no checksum
 * of parts.
 *
 * <p>All blocking calls run on at most 32 daemon threads for each opening, {@code rkcp-gs-*}, which
 * end when idle and when the storage is closed. A cancelled read, or a cancelled part of a save,
 * ends at once: its connection is closed.
 *
 * <p>It works on the class path only: Google's libraries share packages, so they can't be on a
 * module path.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.gcs;

import org.jspecify.annotations.NullMarked;
