package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;

/** A storage in memory that writes down its calls, counts bytes and buffers, and fails on cue. */
final class ScriptedStorage implements CheckpointStorage {
  /** What becomes of one call. */
  enum Fault {
    /** It fails with nothing done. */
    FAIL,
    /** It is refused, as if somebody else had been faster. */
    REFUSE,
    /** It is done, and its answer is lost. */
    LOSE_ANSWER,
    /** It fails, and is done when told to: its answer was waited for no longer. */
    DO_LATE,
    /** Nothing is done; it fails when told to, at one moment with others, cancelled or not. */
    FAIL_TOGETHER,
    /** Nothing is done and nothing is answered. */
    HANG,
    /** It is done and nothing is answered. */
    DO_AND_HANG
  }

  /**
   * One call.
   *
   * @param operation which
   * @param name on what
   * @param replaces whether it writes in the place of a known version
   */
  record Call(String operation, String name, boolean replaces) {
    /** Whether it writes what lies under a user's name, and no placeholder for it. */
    boolean savesEntry() {
      return operation.equals("save") && !name.startsWith(".rkcp/") && replaces;
    }

    /** Whether it writes a head that is there: commits, or claims once more. */
    boolean commits() {
      return operation.equals("save") && name.startsWith(".rkcp/heads/") && replaces;
    }

    @Override
    public String toString() {
      return operation + " " + name;
    }
  }

  final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
  final AtomicLong bytesRead = new AtomicLong();
  final AtomicInteger openBuffers = new AtomicInteger();

  /** For each object that was saved, in whose name: what its context says of "trace". */
  final Queue<String> tracesOfObjects = new ConcurrentLinkedQueue<>();

  /** Calls that hang now. */
  final AtomicInteger hangs = new AtomicInteger();

  private final CheckpointStorage real;
  private volatile BiPredicate<Integer, Call> cue = (n, call) -> false;
  private volatile Fault fault = Fault.FAIL;
  private volatile boolean transientFault;
  private volatile Interruption interruption;
  private volatile CountDownLatch hanging = new CountDownLatch(1);
  private final Queue<Runnable> failing = new ConcurrentLinkedQueue<>();
  private final Queue<Mono<?>> late = new ConcurrentLinkedQueue<>();

  ScriptedStorage(String uri) {
    this(HidingStorage.open(uri));
  }

  /**
   * @param real is closed with this
   */
  ScriptedStorage(CheckpointStorage real) {
    this.real = real;
  }

  /** From the n-th call on from now (0 is the next), so many calls fail. */
  void failAt(int n, int count, Fault how, boolean isTransient) {
    failWhen((at, call) -> at >= n && at - n < count, how, isTransient);
  }

  /** Calls that a condition holds for fail. */
  void failWhen(Predicate<Call> condition, Fault how) {
    failWhen((at, call) -> condition.test(call), how, true);
  }

  /** Calls that a condition holds for fail, and always will. */
  void refuseWhen(Predicate<Call> condition) {
    refuseWhen(condition, Fault.FAIL);
  }

  /** The same in another way. */
  void refuseWhen(Predicate<Call> condition, Fault how) {
    failWhen((at, call) -> condition.test(call), how, false);
  }

  private void failWhen(BiPredicate<Integer, Call> condition, Fault how, boolean isTransient) {
    calls.clear();
    hanging = new CountDownLatch(1);
    fault = how;
    transientFault = isTransient;
    cue = condition;
  }

  /** Forgets the calls and fails none. */
  void heal() {
    calls.clear();
    cue = (n, call) -> false;
  }

  /** The entry of the next commit, which its writer may not come to write. */
  static Predicate<Call> entryOfACommit() {
    AtomicBoolean committed = new AtomicBoolean();
    return call -> committed.compareAndExchange(false, call.commits()) && call.savesEntry();
  }

  /** Saves a state under a name and ends after the commit, before the entry is there. */
  void commitInTheHeadAlone(Checkpointer checkpointer, String name, Checkpoint state)
      throws InterruptedException {
    failWhen(entryOfACommit(), Fault.HANG);
    Disposable dying = checkpointer.save(name, state).subscribe();
    if (!awaitHanging()) {
      throw new AssertionError("it did not come to its entry");
    }
    end(dying);
  }

  /** Cancels the only save there is, and waits until it has let go of its pin. */
  void end(Disposable save) {
    save.dispose();
    heal();
    Patience.until(
        "the pin is gone", () -> !real.list(StoreNames.PINS).hasElements().block(TestStates.LONG));
  }

  /** Does something just before the first call that a condition holds for. */
  void before(Predicate<Call> condition, Runnable action) {
    interruption = new Interruption(condition, action);
  }

  /** The same before the n-th call from now; 0 is the next. */
  void before(int n, Runnable action) {
    AtomicInteger seen = new AtomicInteger();
    before(call -> seen.getAndIncrement() == n, action);
  }

  /** Whether what was to be done before a call has not come to be. */
  boolean isStillToInterrupt() {
    return interruption != null;
  }

  private record Interruption(Predicate<Call> condition, Runnable action) {}

  /** Replaces what is under a name, past the script. */
  void put(String name, String text) {
    BareFiles.put(real, name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Waits for calls that are to fail together. */
  void awaitFailing(int atLeast) {
    Patience.until("calls are under way", () -> failing.size() >= atLeast);
  }

  /** Lets them fail. */
  void failNow(int atLeast) {
    awaitFailing(atLeast);
    for (Runnable next = failing.poll(); next != null; next = failing.poll()) {
      next.run();
    }
  }

  /** Does what was to be done late; whether all of it could be. */
  boolean doLate() {
    boolean all = true;
    for (Mono<?> next = late.poll(); next != null; next = late.poll()) {
      all &= next.thenReturn(true).onErrorReturn(false).block(TestStates.LONG);
    }
    return all;
  }

  boolean isHanging() {
    return hanging.getCount() == 0;
  }

  boolean awaitHanging() throws InterruptedException {
    return hanging.await(30, TimeUnit.SECONDS);
  }

  /** How many calls of an operation there were on names that begin so. */
  long count(String operation, String prefix) {
    return List.copyOf(calls).stream()
        .filter(call -> call.operation().equals(operation) && call.name().startsWith(prefix))
        .count();
  }

  private <T> Mono<T> intercept(String operation, String name, Mono<T> call) {
    return Mono.defer(() -> scripted(new Call(operation, name, false), call));
  }

  private <T> Mono<T> scripted(Call call, Mono<T> done) {
    int n;
    synchronized (calls) {
      n = calls.size();
      calls.add(call);
    }
    Interruption now = interruption;
    if (now != null && now.condition().test(call)) {
      interruption = null;
      return Mono.fromRunnable(now.action()).subscribeOn(Schedulers.boundedElastic()).then(done);
    }
    if (!cue.test(n, call)) {
      return done;
    }
    Mono<T> failure = Mono.error(() -> new StorageException(call.toString(), transientFault, null));
    Mono<T> silence =
        Mono.<T>never()
            .doOnSubscribe(s -> hanging.countDown())
            .doFirst(hangs::incrementAndGet)
            .doOnCancel(hangs::decrementAndGet);
    return switch (fault) {
      case FAIL -> failure;
      case REFUSE -> Mono.error(() -> new ChangedMeanwhileException(call.name(), "one", "another"));
      case FAIL_TOGETHER ->
          Mono.from(
              subscriber -> {
                subscriber.onSubscribe(Operators.emptySubscription());
                failing.add(
                    () -> subscriber.onError(new StorageException("away", transientFault, null)));
              });
      case DO_LATE -> Mono.fromRunnable(() -> late.add(done)).then(failure);
      case LOSE_ANSWER -> done.onErrorComplete().then(failure);
      case HANG -> silence;
      case DO_AND_HANG -> done.onErrorComplete().then(silence);
    };
  }

  @Override
  public Mono<StoredObject> save(String name, Publisher<OwnedBuffer> content, SaveOptions options) {
    boolean replaces = options.expectedVersion().isPresent();
    Mono<StoredObject> save = real.save(name, Flux.from(content).map(this::tracked), options);
    return Mono.deferContextual(
        context -> {
          if (name.startsWith(".rkcp/objects/")) {
            tracesOfObjects.add(context.getOrDefault("trace", "none"));
          }
          return scripted(new Call("save", name, replaces), save);
        });
  }

  private OwnedBuffer tracked(OwnedBuffer buffer) {
    openBuffers.incrementAndGet();
    return OwnedBuffer.of(
        buffer.buffer(),
        () -> {
          openBuffers.decrementAndGet();
          buffer.close();
        });
  }

  @Override
  public Mono<StoredObject> stat(String name) {
    return intercept("stat", name, real.stat(name));
  }

  @Override
  public Mono<ObjectRead> read(String name, Range range, String expectedVersion) {
    return intercept(
        "read",
        name,
        real.read(name, range, expectedVersion)
            .map(
                read ->
                    new ObjectRead(
                        read.object(),
                        read.bytes()
                            .map(this::tracked)
                            .doOnNext(b -> bytesRead.addAndGet(b.buffer().remaining())))));
  }

  @Override
  public Flux<StoredObject> list(String prefix) {
    return intercept("list", prefix, real.list(prefix).collectList())
        .flatMapMany(Flux::fromIterable);
  }

  @Override
  public Mono<Boolean> delete(String name, String expectedVersion) {
    return intercept("delete", name, real.delete(name, expectedVersion));
  }

  @Override
  public Set<StorageCapability> capabilities() {
    return real.capabilities();
  }

  @Override
  public Mono<Void> close() {
    return real.close();
  }
}
