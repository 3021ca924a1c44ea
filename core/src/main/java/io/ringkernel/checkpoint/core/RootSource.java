package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.format.ObjectId;
import reactor.core.publisher.Flux;

/**
 * A place in a store that may refer to objects. A collection reads its sources one after the other,
 * in the order in which a reference moves: from pins to heads to entries and manifests. So a
 * reference that is on its way is found in the one place or the other.
 */
interface RootSource {
  /**
   * The objects that are referred to, read anew with each subscription.
   *
   * @param scan what this is read for
   * @return any number of times each; an error when it can't be told which
   */
  Flux<ObjectId> roots(Scan scan);
}
