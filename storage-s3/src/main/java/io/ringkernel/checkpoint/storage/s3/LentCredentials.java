package io.ringkernel.checkpoint.storage.s3;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.AwsServiceClientConfiguration;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;
import software.amazon.awssdk.services.s3.S3AsyncClientBuilder;

/**
 * Credentials of somebody who goes on using them: not closed with the client, which closes every
 * provider that can be closed.
 */
final class LentCredentials<T extends AwsCredentialsIdentity> implements IdentityProvider<T> {
  private final IdentityProvider<T> owned;

  private LentCredentials(IdentityProvider<T> owned) {
    this.owned = owned;
  }

  /**
   * Has a client lend what credentials it is given from now on; without any, it has those of the
   * AWS chain, and closes them.
   *
   * <p>A builder does not tell what it was given, but to its plugins. They can't tell the SDK's
   * default from a chain that was given, either: hence one of our own in its place.
   */
  static void areUsedBy(S3AsyncClientBuilder builder, Runnable settings) {
    DefaultCredentialsProvider nothingGiven = DefaultCredentialsProvider.builder().build();
    builder.credentialsProvider(nothingGiven);
    settings.run();
    builder.addPlugin(
        config -> {
          if (config instanceof AwsServiceClientConfiguration.Builder client) {
            IdentityProvider<? extends AwsCredentialsIdentity> found = client.credentialsProvider();
            client.credentialsProvider(
                found == nothingGiven || found == null
                    ? chain(client.overrideConfiguration())
                    : lent(found));
          }
        });
  }

  private static <T extends AwsCredentialsIdentity> IdentityProvider<T> lent(
      IdentityProvider<T> owned) {
    return new LentCredentials<>(owned);
  }

  /** As the SDK has it by default. */
  private static DefaultCredentialsProvider chain(ClientOverrideConfiguration settings) {
    DefaultCredentialsProvider.Builder chain = DefaultCredentialsProvider.builder();
    settings.defaultProfileFileSupplier().ifPresent(chain::profileFile);
    settings.defaultProfileName().ifPresent(chain::profileName);
    return chain.build();
  }

  @Override
  public Class<T> identityType() {
    return owned.identityType();
  }

  @Override
  public CompletableFuture<? extends T> resolveIdentity(ResolveIdentityRequest request) {
    return owned.resolveIdentity(request);
  }
}
