package io.ringkernel.checkpoint.storage.gcs;

import com.google.auth.Credentials;
import io.ringkernel.checkpoint.error.StorageException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The credentials that a program has for a bucket. */
final class GivenCredentials implements GcsClient.CredentialsLookup {
  private final String bucket;
  private final Supplier<? extends @Nullable Credentials> given;

  GivenCredentials(String bucket, Supplier<? extends @Nullable Credentials> given) {
    this.bucket = bucket;
    this.given = given;
  }

  @Override
  public Credentials find() {
    Credentials credentials;
    try {
      credentials = given.get();
    } catch (Throwable e) {
      // Also what no Java method declares, or what Reactor would take for the end of the JVM, and
      // tell nobody.
      throw failure("asking the program for them failed, and is done again: " + e, e);
    }
    if (credentials == null) {
      throw failure("the program gave null; NoCredentials.getInstance() is for none", null);
    }
    return credentials;
  }

  private StorageException failure(String reason, @Nullable Throwable cause) {
    return new StorageException(
        "no credentials for the bucket '" + bucket + "': " + reason, false, cause);
  }
}
