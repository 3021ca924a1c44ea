package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.StorageNames;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;

/**
 * The objects with a prefix. A page lists 1,000 keys, but no metadata, which a version and the
 * attributes are made of: each object takes a request of its own, a few at a time, ahead of the
 * demand by no more than those.
 */
final class Listing {
  private static final int HEADS_IN_FLIGHT = 32;

  private final Bucket bucket;

  Listing(Bucket bucket) {
    this.bucket = bucket;
  }

  Flux<StoredObject> objects(String prefix) {
    return Flux.defer(() -> new Pages(prefix).names())
        // One that is deleted meanwhile is left out.
        .flatMapSequential(bucket::head, HEADS_IN_FLIGHT, 1)
        .map(ObjectState::object);
  }

  /** The pages of one listing, one after the other. */
  private final class Pages {
    private final String prefix;
    private @Nullable String token;
    private boolean isLast;

    Pages(String prefix) {
      this.prefix = prefix;
    }

    Flux<String> names() {
      return Mono.defer(() -> bucket.page(prefix, token))
          .doOnNext(this::turn)
          .repeat(() -> !isLast)
          .concatMapIterable(this::namesOf, 1);
    }

    private void turn(ListObjectsV2Response page) {
      token = page.nextContinuationToken();
      isLast = token == null || !Boolean.TRUE.equals(page.isTruncated());
    }

    private List<String> namesOf(ListObjectsV2Response page) {
      return page.contents().stream()
          .map(listed -> bucket.name(listed.key()))
          .filter(Listing::isName)
          .toList();
    }
  }

  /** Others may have put there what no name stands for. */
  private static boolean isName(String key) {
    try {
      StorageNames.requireValid(key);
      return true;
    } catch (InvalidNameException e) {
      return false;
    }
  }
}
