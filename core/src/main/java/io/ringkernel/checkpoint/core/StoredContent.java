package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * One version of a stored object as content. The object's two ends are kept once they were read:
 * that is where a file has what it is opened by. All else goes from the storage straight into the
 * caller's memory.
 */
final class StoredContent implements ChunkContent {
  /** Holds a trailer, a directory, and mostly a page or more. */
  static final int TAIL = 64 << 10;

  /** Holds a trailer and a directory: what is read of an ancestor, beside blocks. */
  static final int TAIL_WITHOUT_PAGES = 16 << 10;

  /** A long read is split, so that a storage far away has several requests under way. */
  private static final int PIECE = 8 << 20;

  private static final int PIECES_IN_FLIGHT = 4;

  private final CheckpointStorage storage;
  private final ReadSpeed speed;
  private final StoredObject object;
  private final int tailLength;
  private volatile @Nullable ByteBuffer start;
  private volatile @Nullable ByteBuffer tail;

  private StoredContent(
      CheckpointStorage storage,
      ReadSpeed speed,
      StoredObject object,
      int tailLength,
      @Nullable ByteBuffer start,
      @Nullable ByteBuffer tail) {
    this.storage = storage;
    this.speed = speed;
    this.object = object;
    this.tailLength = tailLength;
    this.start = start;
    this.tail = tail;
  }

  /**
   * The object that has a name now, with one read of its end.
   *
   * @param tailLength how much of its end to read and keep
   * @param speed takes note of how fast its reads are
   */
  static Mono<StoredContent> open(
      CheckpointStorage storage, String name, int tailLength, ReadSpeed speed) {
    Mono<StoredContent> open =
        storage
            .read(name, Range.suffix(tailLength), null)
            .flatMap(
                read ->
                    end(read, tailLength)
                        .map(
                            end ->
                                new StoredContent(
                                    storage, speed, read.object(), tailLength, null, end)));
    return speed.measured(tailLength, open);
  }

  private static Mono<ByteBuffer> end(ObjectRead read, int tailLength) {
    return Mono.defer(
        () -> {
          int length = (int) Math.min(tailLength, read.object().size());
          ByteBuffer end = ByteBuffer.allocate(length);
          return read.bytes()
              .doOnNext(buffer -> append(read.object(), buffer, end))
              .doOnDiscard(OwnedBuffer.class, OwnedBuffer::close)
              .then(
                  Mono.fromSupplier(
                      () -> {
                        requireAll(read.object(), length, end.position());
                        return end.flip();
                      }));
        });
  }

  private static void append(StoredObject object, OwnedBuffer owned, ByteBuffer end) {
    try (owned) {
      ByteBuffer more = owned.buffer();
      if (more.remaining() > end.remaining()) {
        requireAll(object, end.capacity(), (long) end.position() + more.remaining());
      }
      end.put(more);
    }
  }

  /**
   * An object whose beginning was read already.
   *
   * @param start its first bytes
   * @param speed takes note of how fast its reads are
   */
  static StoredContent of(
      CheckpointStorage storage, StoredObject object, ByteBuffer start, ReadSpeed speed) {
    return new StoredContent(storage, speed, object, TAIL, start.slice(), null);
  }

  /** What is being read. */
  StoredObject object() {
    return object;
  }

  @Override
  public long size() {
    return object.size();
  }

  @Override
  public Mono<Integer> read(long offset, ByteBuffer target) {
    return read(offset, List.of(target)).map(Math::toIntExact);
  }

  @Override
  public Mono<Long> read(long offset, List<ByteBuffer> targets) {
    return Mono.defer(
        () -> {
          if (offset < 0 || offset > size()) {
            throw new IndexOutOfBoundsException("offset " + offset + " is not in 0.." + size());
          }
          long wanted = targets.stream().mapToLong(ByteBuffer::remaining).sum();
          long length = Math.min(wanted, size() - offset);
          return length == 0 ? Mono.just(0L) : read(offset, length, targets).thenReturn(length);
        });
  }

  /** Stretches at the object's ends are taken from what is kept; all others are one request. */
  @Override
  public Flux<Stretch> readAll(List<Stretch> stretches) {
    return Flux.defer(
        () -> {
          List<Mono<Stretch>> kept = new ArrayList<>();
          List<Stretch> others = new ArrayList<>();
          for (Stretch stretch : stretches) {
            long room = stretch.length();
            if (room > size() - stretch.offset() || isKept(stretch.offset(), room)) {
              kept.add(read(stretch.offset(), stretch.targets()).thenReturn(stretch));
            } else {
              others.add(stretch);
            }
          }
          return Flux.concat(kept).concatWith(others.isEmpty() ? Flux.empty() : fetchAll(others));
        });
  }

  /** What is missing is told in the end only: until then the storage may write to the memory. */
  private Flux<Stretch> fetchAll(List<Stretch> stretches) {
    return Flux.defer(
        () -> {
          long length = stretches.stream().mapToLong(Stretch::length).sum();
          AtomicLong missing = new AtomicLong();
          return storage
              .readInto(object.name(), object.version(), stretches)
              .doOnNext(stretch -> missing.addAndGet(stretch.length()))
              .concatWith(
                  Mono.fromRunnable(() -> requireAll(object, length, length - missing.get())));
        });
  }

  private boolean isKept(long offset, long length) {
    return offset >= tailStart() || offset + length <= SmallObjects.FIRST_READ;
  }

  private long tailStart() {
    return Math.max(0, size() - tailLength);
  }

  private Mono<Void> read(long offset, long length, List<ByteBuffer> targets) {
    long tailStart = tailStart();
    if (offset >= tailStart) {
      return end(tailStart).flatMap(end -> copy(end, offset - tailStart, length, targets));
    }
    if (offset + length <= SmallObjects.FIRST_READ) {
      return start().flatMap(begin -> copy(begin, offset, length, targets));
    }
    if (length <= PIECE) {
      return fetch(offset, length, targets);
    }
    return fetch(pieces(offset, length, targets))
        .then(Mono.fromRunnable(() -> advance(length, targets)));
  }

  /** The memory is the caller's again when the last piece has ended, and not before. */
  private Mono<Void> fetch(List<Piece> pieces) {
    AtomicBoolean failed = new AtomicBoolean();
    return Flux.fromIterable(pieces)
        .takeWhile(piece -> !failed.get())
        .flatMapDelayError(
            piece ->
                fetch(piece.offset(), piece.length(), piece.targets())
                    .doOnError(failure -> failed.set(true)),
            PIECES_IN_FLIGHT,
            1)
        .then()
        .onErrorMap(FirstFailure::in);
  }

  /** The last bytes, fetched once; two who ask at the same time both fetch, which does no harm. */
  private Mono<ByteBuffer> end(long tailStart) {
    ByteBuffer known = tail;
    return known != null
        ? Mono.just(known)
        : fetched(tailStart, (int) (size() - tailStart)).doOnNext(end -> tail = end);
  }

  private Mono<ByteBuffer> start() {
    ByteBuffer known = start;
    int length = (int) Math.min(SmallObjects.FIRST_READ, size());
    return known != null && known.remaining() >= length
        ? Mono.just(known)
        : fetched(0, length).doOnNext(begin -> start = begin);
  }

  private Mono<ByteBuffer> fetched(long offset, int length) {
    return Mono.defer(
        () -> {
          ByteBuffer bytes = ByteBuffer.allocate(length);
          return fetch(offset, length, List.of(bytes)).then(Mono.fromSupplier(bytes::flip));
        });
  }

  private Mono<Void> fetch(long offset, long length, List<ByteBuffer> targets) {
    return speed.measured(
        length,
        storage
            .readInto(object.name(), object.version(), offset, targets)
            .doOnNext(taken -> requireAll(object, length, taken))
            .then());
  }

  private static void requireAll(StoredObject object, long length, long taken) {
    if (taken != length) {
      throw new StorageException(
          "'" + object.name() + "': the storage gave " + taken + " bytes instead of " + length,
          true,
          null);
    }
  }

  private static Mono<Void> copy(
      ByteBuffer from, long offset, long length, List<ByteBuffer> targets) {
    return ChunkContent.of(from.slice((int) offset, (int) length)).read(0, targets).then();
  }

  private record Piece(long offset, long length, List<ByteBuffer> targets) {}

  /** Cuts a read into pieces whose targets are windows on the caller's. */
  private static List<Piece> pieces(long offset, long length, List<ByteBuffer> targets) {
    List<Piece> pieces = new ArrayList<>();
    List<ByteBuffer> windows = new ArrayList<>();
    long at = offset;
    long inPiece = 0;
    long left = length;
    for (ByteBuffer target : targets) {
      int from = target.position();
      while (from < target.limit() && left > 0) {
        int part = (int) Math.min(Math.min(target.limit() - from, PIECE - inPiece), left);
        windows.add(target.slice(from, part));
        from += part;
        inPiece += part;
        left -= part;
        if (inPiece == PIECE || left == 0) {
          pieces.add(new Piece(at, inPiece, List.copyOf(windows)));
          windows.clear();
          at += inPiece;
          inPiece = 0;
        }
      }
    }
    return pieces;
  }

  private static void advance(long length, List<ByteBuffer> targets) {
    long left = length;
    for (ByteBuffer target : targets) {
      int part = (int) Math.min(target.remaining(), left);
      target.position(target.position() + part);
      left -= part;
    }
  }
}
