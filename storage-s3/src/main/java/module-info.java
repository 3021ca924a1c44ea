import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.s3.S3StorageProvider;

/** Keeps named bytes in Amazon S3, or in a store that speaks its protocol. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // The protocol has its digit by name.
module io.ringkernel.checkpoint.storage.s3 {
  requires transitive io.ringkernel.checkpoint;
  requires static org.jspecify;
  requires io.netty.common;
  requires io.netty.transport;
  requires org.slf4j; // The SDK's modules are automatic and can't ask for it themselves.
  requires software.amazon.awssdk.auth;
  requires software.amazon.awssdk.awscore;
  requires software.amazon.awssdk.core;
  requires software.amazon.awssdk.http;
  requires software.amazon.awssdk.http.nio.netty;
  requires software.amazon.awssdk.identity.spi;
  requires software.amazon.awssdk.profiles;
  requires software.amazon.awssdk.regions;
  requires transitive software.amazon.awssdk.services.s3; // A client's builder, in S3Storages.
  requires software.amazon.awssdk.utils;

  exports io.ringkernel.checkpoint.storage.s3;

  provides CheckpointStorageProvider with
      S3StorageProvider;
}
