package io.ringkernel.checkpoint.storage.gcs;

import com.google.auth.oauth2.AccessToken;
import com.google.auth.oauth2.GoogleCredentials;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;

/** Credentials that give a new token each time they are refreshed. */
final class Tokens extends GoogleCredentials {
  private static final long serialVersionUID = 1L;

  private final AtomicInteger made = new AtomicInteger();

  /** How often they were refreshed. */
  int made() {
    return made.get();
  }

  @Override
  public AccessToken refreshAccessToken() {
    return new AccessToken(
        "token-" + made.incrementAndGet(), Date.from(Instant.now().plusSeconds(3600)));
  }
}
