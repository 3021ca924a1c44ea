package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * The parts of one save on their way: a multipart upload that is begun with the first part that is
 * not the last, several at once, and aborted when it is not to be.
 *
 * <p>Answers come on any thread and are taken in by {@link #react}; all methods are called by one
 * thread at a time.
 */
final class PartUpload {
  /** How it ends: with a failure, with what was saved, or with neither when nobody wants it. */
  interface End {
    void accept(@Nullable Throwable failure, @Nullable StoredObject saved);
  }

  /** The first part of a replacement is shorter by up to so much; a part must have 5 MiB. */
  private static final int MOST_SHORTER = 3 << 20;

  private final Bucket bucket;
  private final String name;
  private final SaveOptions options;
  private final Nonce nonce;
  private final Commit commit;
  private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final List<Part> unsent = new ArrayList<>();
  private final Map<Integer, CompletedPart> done = new TreeMap<>();
  private final Set<Disposable> sending = new HashSet<>();
  private Runnable changed = () -> {};
  private boolean begun;
  private @Nullable String uploadId;
  private @Nullable Throwable failure;
  private @Nullable Runnable whenIdle;
  private int pending;
  private long held;

  PartUpload(Bucket bucket, String name, SaveOptions options, Nonce nonce) {
    this.bucket = bucket;
    this.name = name;
    this.options = options;
    this.nonce = nonce;
    this.commit = new Commit(bucket, name, options, nonce);
  }

  /**
   * @param listener called on any thread when {@link #react} has something to do
   */
  void onChange(Runnable listener) {
    changed = listener;
  }

  /** Takes in what was answered meanwhile. */
  void react() {
    for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
      answer.run();
    }
    if (failure != null) {
      dropWaiting();
    }
    while (uploadId != null && !waiting.isEmpty()) {
      waiting.remove().run();
    }
    Runnable next = whenIdle;
    if (pending == 0 && waiting.isEmpty() && next != null) {
      whenIdle = null;
      next.run();
    }
  }

  /** Why a part could not be sent, or null. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Bytes of the parts that wait or are being sent. */
  long held() {
    return held;
  }

  /**
   * The size of a part. Equal bytes in parts of equal sizes would have equal ETags; where the old
   * one is a condition, that of the new one must differ.
   */
  long sizeOf(PartPlan plan, int number) {
    long size = plan.sizeOf(number);
    boolean varies = number == 1 && options.expectedVersion().isPresent();
    return varies && size > 2 * MOST_SHORTER
        ? size - ThreadLocalRandom.current().nextInt(MOST_SHORTER)
        : size;
  }

  /** Takes over a part that is complete and not the last. */
  void send(int number, Part part) {
    if (!begun) {
      begin();
    }
    held += part.capacity();
    unsent.add(part);
    waiting.add(() -> start(number, part));
    react();
  }

  private void begin() {
    begun = true;
    // Not to be cancelled: an upload whose id nobody knows could not be aborted.
    follow(
        commit.check().then(bucket.createUpload(name, options, nonce.text())),
        id -> uploadId = id,
        this::failed,
        () -> {});
  }

  private void start(int number, Part part) {
    unsent.remove(part);
    Disposable.Swap self = Disposables.swap();
    sending.add(self);
    self.update(
        follow(
            bucket.uploadPart(name, String.valueOf(uploadId), number, part),
            sent -> done.put(number, sent),
            this::failed,
            () -> {
              sending.remove(self);
              release(part);
            }));
  }

  private void dropWaiting() {
    waiting.clear();
    unsent.forEach(this::release);
    unsent.clear();
  }

  private void failed(Throwable cause) {
    if (failure == null) {
      failure = bucket.failures().of(name, cause);
    }
  }

  private void release(Part part) {
    held -= part.capacity();
    part.close();
  }

  /**
   * Makes what was sent, and a last part, an object.
   *
   * @param number of the last part
   * @param rest the last part, or the only one
   * @param crc32c of all bytes
   * @param size of all bytes
   * @param end told how it went
   */
  void commit(int number, Part rest, String crc32c, long size, End end) {
    if (!begun) {
      // Closed before the answer is passed on: what comes of it finds nothing lent any more.
      settle(Mono.using(() -> rest, commit::put, Part::close), end);
      return;
    }
    whenIdle =
        () -> {
          if (failure != null) {
            abandon(failure, end);
          } else {
            complete(crc32c, size, end);
          }
        };
    send(number, rest);
  }

  private void complete(String crc32c, long size, End end) {
    Mono<StoredObject> completing =
        commit.complete(String.valueOf(uploadId), new ArrayList<>(done.values()), crc32c, size);
    follow(
        completing,
        saved -> end.accept(null, saved),
        cause -> abandon(bucket.failures().of(name, cause), end),
        () -> {});
  }

  private void settle(Mono<StoredObject> writing, End end) {
    follow(
        writing,
        saved -> end.accept(null, saved),
        cause -> end.accept(bucket.failures().of(name, cause), null),
        () -> {});
  }

  /**
   * Gives up: what is being sent is cancelled, and then the upload aborted.
   *
   * @param reason told at the end, or null when nobody wants to know
   */
  void abandon(@Nullable Throwable reason, End end) {
    dropWaiting();
    // A copy: each takes itself out.
    new ArrayList<>(sending).forEach(Disposable::dispose);
    whenIdle = () -> abort(reason, end);
    react();
  }

  private void abort(@Nullable Throwable reason, End end) {
    String id = uploadId;
    if (id == null) {
      end.accept(reason, null);
      return;
    }
    follow(
        // What is left if this fails is invisible, and found by the bucket's life cycle rule.
        bucket.abort(name, id),
        none -> {},
        cause -> {
          if (reason != null && reason != cause) {
            reason.addSuppressed(cause);
          }
        },
        () -> end.accept(reason, null));
  }

  /** Subscribes; what comes of it is run by {@link #react}, the last when it is over. */
  private <T> Disposable follow(
      Mono<T> request, Consumer<T> value, Consumer<Throwable> error, Runnable over) {
    pending++;
    return request
        .doFinally(
            signal ->
                answered(
                    () -> {
                      pending--;
                      over.run();
                    }))
        .subscribe(
            result -> answered(() -> value.accept(result)),
            cause -> answered(() -> error.accept(cause)));
  }

  private void answered(Runnable answer) {
    answers.add(answer);
    changed.run();
  }
}
