/** A server of Cloud Storage's JSON API and a fleet that loads it: for tests and simulations. */
@org.jspecify.annotations.NullMarked
module io.ringkernel.checkpoint.storage.gcs.server {
  requires com.google.gson;
  requires transitive io.ringkernel.checkpoint.core;
  requires static org.jspecify;

  exports io.ringkernel.checkpoint.storage.gcs.fleet;
  exports io.ringkernel.checkpoint.storage.gcs.server;
}
