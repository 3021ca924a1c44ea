package io.ringkernel.checkpoint.storage.memory;

import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorageProvider;
import io.ringkernel.checkpoint.storage.StorageOptions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The provider of {@code memory:} (a new store that nobody else sees) and {@code memory:NAME} (one
 * store for the whole JVM).
 */
public final class MemoryStorageProvider implements CheckpointStorageProvider {
  private static final ConcurrentMap<String, ObjectTable> NAMED = new ConcurrentHashMap<>();

  /** For {@link java.util.ServiceLoader}. */
  public MemoryStorageProvider() {}

  @Override
  public String scheme() {
    return "memory";
  }

  /** Takes no parameters; any text is a name. */
  @Override
  public CheckpointStorage create(StorageOptions options) {
    options.requireOnly(Set.of());
    String name = options.location();
    ObjectTable table =
        name.isEmpty()
            ? new ObjectTable()
            : NAMED.computeIfAbsent(name, unused -> new ObjectTable());
    return new MemoryStorage(table);
  }
}
