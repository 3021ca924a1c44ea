/**
 * A server that speaks the part of the Cloud Storage JSON API that the storage uses, in this
 * process, with faults on order.
 *
 * <p>It is written on sockets, since a server that keeps HTTP's rules can't break them: {@link
 * io.ringkernel.checkpoint.storage.gcs.server.GcsServer} takes connections, {@link
 * io.ringkernel.checkpoint.storage.gcs.server.JsonApi} answers, {@link
 * io.ringkernel.checkpoint.storage.gcs.server.Bucket} holds the objects, {@link
 * io.ringkernel.checkpoint.storage.gcs.server.Fault} says what goes wrong.
 */
@org.jspecify.annotations.NullMarked
package io.ringkernel.checkpoint.storage.gcs.server;
