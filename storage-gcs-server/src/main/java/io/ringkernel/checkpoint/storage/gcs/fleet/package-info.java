/**
 * A fleet of kernels at reduced scale, and what it asks of a bucket: {@link
 * io.ringkernel.checkpoint.storage.gcs.fleet.Requests} is the model of docs/scaling.md, {@link
 * io.ringkernel.checkpoint.storage.gcs.fleet.Fleet} is the load that it is held against.
 */
@org.jspecify.annotations.NullMarked
package io.ringkernel.checkpoint.storage.gcs.fleet;
