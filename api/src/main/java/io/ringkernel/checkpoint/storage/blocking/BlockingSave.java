package io.ringkernel.checkpoint.storage.blocking;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The blocking steps of one save: {@link #begin}, any number of writes, {@link #commit} if all went
 * well, and in any case {@link #close}; used by one thread at a time.
 */
public interface BlockingSave extends Closeable {
  /** Refuses what can be refused before the first byte; the source is subscribed to afterwards. */
  void begin() throws IOException;

  /**
   * Takes all bytes of some buffers.
   *
   * @param batch at least one buffer; they stay the caller's, who closes them afterwards
   */
  void write(List<OwnedBuffer> batch) throws IOException;

  /**
   * Makes the bytes an object; until then, nobody sees any of them.
   *
   * @return what was stored; empty when nobody wanted it any more and nothing was stored
   */
  Optional<StoredObject> commit() throws IOException;

  /** Releases everything; what was not committed leaves nothing behind. */
  @Override
  void close() throws IOException;
}
