package io.ringkernel.checkpoint.storage.s3;

/** The requests that the storage makes. */
enum S3Operation {
  PUT,
  GET,
  HEAD,
  DELETE,
  LIST,
  CREATE,
  PART,
  COMPLETE,
  ABORT;

  static S3Operation of(S3Request request) {
    boolean isUpload = request.query().containsKey("uploadId");
    return switch (request.method()) {
      case "PUT" -> isUpload ? PART : PUT;
      case "GET" -> request.key().isEmpty() ? LIST : GET;
      case "HEAD" -> HEAD;
      case "DELETE" -> isUpload ? ABORT : DELETE;
      case "POST" -> isUpload ? COMPLETE : CREATE;
      default -> throw new IllegalArgumentException(request.method());
    };
  }
}
