package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.gax.paging.Page;
import com.google.cloud.storage.Blob;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.storage.blocking.BlockingSource;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** The objects whose names begin with a prefix, page by page, in the service's order: by UTF-8. */
final class GcsListing implements BlockingSource<StoredObject> {
  private final StoreObjects objects;
  private final String prefix;
  private final Wire wire;
  private @Nullable Page<Blob> page;
  private Iterator<Blob> rest = Collections.emptyIterator();

  GcsListing(StoreObjects objects, String prefix, Wire wire) {
    this.objects = objects;
    this.prefix = prefix;
    this.wire = wire;
  }

  @Override
  public @Nullable StoredObject next() throws IOException {
    while (true) {
      while (rest.hasNext()) {
        Found found = objects.listed(rest.next());
        if (found != null) {
          return found.object();
        }
      }
      Page<Blob> last = page;
      if (last != null && !last.hasNextPage()) {
        return null;
      }
      Page<Blob> next = wire.run(() -> last == null ? objects.list(prefix) : last.getNextPage());
      page = next;
      rest = next.getValues().iterator();
    }
  }
}
