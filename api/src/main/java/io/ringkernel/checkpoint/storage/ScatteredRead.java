package io.ringkernel.checkpoint.storage;

import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A read of several stretches where each takes a request: those that lie close together become one,
 * and what is between them goes to memory that nobody looks at.
 */
final class ScatteredRead {
  /** Bytes between two stretches that cost less than one more request. */
  private static final int MOST_BETWEEN = 128 << 10;

  /** A request is not made longer than this: several at once are faster. */
  private static final long MOST_JOINED = 4 << 20;

  private static final int IN_FLIGHT = 8;

  private final List<Request> requests = new ArrayList<>();
  private List<Stretch> joined = new ArrayList<>();
  private List<ByteBuffer> targets = new ArrayList<>();
  private long start;
  private long end;
  private @Nullable ByteBuffer between;

  private record Request(long offset, List<ByteBuffer> targets, List<Stretch> joined) {}

  private ScatteredRead(List<Stretch> stretches) {
    stretches.forEach(this::add);
    cut();
  }

  /** See {@link CheckpointStorage#readInto(String, String, List)}. */
  static Flux<Stretch> by(
      CheckpointStorage storage, String name, String version, List<Stretch> stretches) {
    return Flux.defer(
        () -> {
          AtomicBoolean failed = new AtomicBoolean();
          return Flux.fromIterable(new ScatteredRead(stretches).requests)
              .takeWhile(request -> !failed.get())
              .flatMapDelayError(
                  request ->
                      storage
                          .readInto(name, version, request.offset(), request.targets())
                          .doOnError(failure -> failed.set(true))
                          .thenReturn(request.joined()),
                  IN_FLIGHT,
                  1)
              .concatMapIterable(joined -> joined, 1)
              // The memory is the caller's again when the last of them has ended, and not before.
              .onErrorMap(FirstFailure::in);
        });
  }

  private void add(Stretch next) {
    long length = next.length();
    long gap = next.offset() - end;
    boolean joins =
        !joined.isEmpty()
            && gap >= 0
            && gap <= MOST_BETWEEN
            && length <= MOST_JOINED - (next.offset() - start);
    if (!joins) {
      cut();
      start = next.offset();
    } else if (gap > 0) {
      targets.add(between().slice(0, (int) gap));
    }
    joined.add(next);
    targets.addAll(next.targets());
    end = next.offset() + length;
  }

  private void cut() {
    if (!joined.isEmpty()) {
      requests.add(new Request(start, targets, joined));
      joined = new ArrayList<>();
      targets = new ArrayList<>();
    }
  }

  /** Written by all requests at once, and never read. */
  private ByteBuffer between() {
    ByteBuffer made = between;
    if (made == null) {
      made = ByteBuffer.allocate(MOST_BETWEEN);
      between = made;
    }
    return made;
  }
}
