/**
 * Keeps named bytes as objects of a Google Cloud Storage bucket.
 *
 * <p>The object {@code sim/step-1} of {@code gs://bucket/runs} is {@code runs/sim/step-1} in the
 * bucket; its version is the object's generation, its attributes are the object's metadata. A small
 * save is one request. A larger one is a resumable upload, part by part, whose bytes nobody sees
 * before its last request; one that fails or is cancelled is simply left: it stays invisible and
 * the service forgets it. Conditions are generation preconditions, so that they hold exactly
 * between all processes.
 *
 * <p>The client retries what is transient. Each save puts a random nonce beside its attributes:
 * when a condition fails after a response was lost, the nonce tells whether it was our own first
 * try that took the name. CRC-32C goes along with every save, checked by the service, and what is
 * read whole is checked again here; parts of an object are not, since the service has no checksum
 * of parts.
 *
 * <p>All blocking calls run on at most 32 daemon threads for each opening, {@code rkcp-gs-*}, which
 * end when idle and with the close. A cancelled read, or a cancelled part of a save, ends at once:
 * its connection is closed.
 *
 * <p>On the class path only: Google's libraries share packages, so that no module path takes them.
 */
@NullMarked
package io.ringkernel.checkpoint.storage.gcs;

import org.jspecify.annotations.NullMarked;
