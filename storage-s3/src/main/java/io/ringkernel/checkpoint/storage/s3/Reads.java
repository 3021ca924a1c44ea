package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.BufferPool;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Opens objects. One request brings what is known of the object together with the first bytes; only
 * a longer range takes another.
 */
final class Reads {
  private final Bucket bucket;
  private final Operations operations;
  private final BufferPool pool;
  private final boolean checked;

  /**
   * @param checked whether the service's checksums are asked for and held against what arrives
   */
  Reads(Bucket bucket, Operations operations, BufferPool pool, boolean checked) {
    this.bucket = bucket;
    this.operations = operations;
    this.pool = pool;
    this.checked = checked;
  }

  /** What is there, if it is what is expected. */
  Mono<ObjectState> require(String name, @Nullable String expectedVersion) {
    return bucket
        .head(name)
        .switchIfEmpty(Mono.error(() -> new CheckpointNotFoundException(name)))
        .map(state -> state.requireVersion(expectedVersion));
  }

  Mono<ObjectRead> open(String name, Range range, @Nullable String expectedVersion) {
    boolean isUnknownStart = range.isSuffix() && range.length() > Window.MOST_BYTES;
    if (range.length() == 0 || isUnknownStart) {
      return openKnown(name, range, expectedVersion);
    }
    Range first = new Range(range.offset(), Math.min(range.length(), Window.MOST_BYTES));
    String etag =
        expectedVersion == null ? null : ObjectVersion.parse(expectedVersion).quotedEtag();
    return bucket
        .get(name, first, etag, first.length(), Window.transformer(name))
        .map(window -> opened(window, range, expectedVersion))
        .onErrorResume(
            failure -> Failures.status(failure) == Failures.RANGE_NOT_SATISFIABLE,
            failure -> openKnown(name, range, expectedVersion))
        .onErrorResume(
            failure -> Failures.status(failure) == Failures.PRECONDITION_FAILED,
            failure -> changed(name, String.valueOf(expectedVersion)));
  }

  private Mono<ObjectRead> openKnown(String name, Range range, @Nullable String expectedVersion) {
    return require(name, expectedVersion)
        .map(state -> read(state, range.within(state.object().size()), null));
  }

  private ObjectRead opened(Window window, Range range, @Nullable String expectedVersion) {
    ObjectState state = window.state().requireVersion(expectedVersion);
    String name = state.object().name();
    Range part = range.within(state.object().size());
    if (window.range().offset() != part.offset() || window.range().length() > part.length()) {
      throw Failures.otherRange(name);
    }
    String wanted = state.crc32c();
    boolean isChecked = checked && window.isWhole() && wanted != null;
    if (isChecked && !Checksums.base64(window.bytes()).equals(wanted)) {
      throw Failures.damaged(name, "its bytes are not those of its CRC32C " + wanted, null);
    }
    return read(state, part, window);
  }

  private ObjectRead read(ObjectState state, Range part, @Nullable Window window) {
    return new ObjectRead(
        state.object(), new RangeFlux(bucket, operations, pool, state, part, window, checked));
  }

  /** The version that is there is told, too. */
  private Mono<ObjectRead> changed(String name, String expected) {
    return bucket
        .head(name)
        .switchIfEmpty(Mono.error(() -> new CheckpointNotFoundException(name)))
        .flatMap(
            found ->
                Mono.error(
                    () -> new ChangedMeanwhileException(name, expected, found.object().version())));
  }
}
