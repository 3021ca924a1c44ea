package io.ringkernel.checkpoint.storage.gcs.server;

/** What goes wrong with one request. */
public enum Fault {
  /** Nothing is done; the service says 503. */
  UNAVAILABLE,
  /** Nothing is done; the service says 429 and when to come again. */
  TOO_MANY_REQUESTS,
  /** Nothing is done; the connection is reset while the request is on its way. */
  RESET_IN_REQUEST,
  /** It is done; then the connection is reset without an answer. */
  LOST_RESPONSE,
  /** It is done; then the service says 502, as its front end would. */
  BAD_GATEWAY_AFTERWARDS,
  /** It is done; the connection is reset within the answer's body. */
  RESET_IN_RESPONSE,
  /** It is done; the connection is ended within the answer's body as if that were all. */
  TRUNCATED_RESPONSE,
  /** It is done; the answer's body comes in drops. */
  SLOW_RESPONSE,
  /** It is done; the answer never comes, and the client has to give up waiting. */
  SILENCE,
  /** Nothing is done; the credentials are refused, as when they have just expired. */
  STALE_TOKEN
}
