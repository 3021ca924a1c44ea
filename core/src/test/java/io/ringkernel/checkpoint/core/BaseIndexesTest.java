package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockIndex;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The cache of base indexes: bounded by bytes, and each index is read once for all who ask. */
class BaseIndexesTest {
  private static final int MIB = 1 << 20;

  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger cancelled = new AtomicInteger();
  private Mono<BlockIndex> source = Mono.never();
  private final BaseIndexes indexes =
      new BaseIndexes(
          10 * MIB,
          file ->
              Mono.defer(
                  () -> {
                    reads.incrementAndGet();
                    return source.doOnCancel(cancelled::incrementAndGet);
                  }));

  @AfterEach
  void dispose() {
    indexes.dispose();
  }

  @Test
  void cancelsWhatIsBeingReadWhenItIsDisposedOf() {
    Disposable asked = indexes.get(file(1)).subscribe();
    Patience.until("it is read", () -> reads.get() == 1);

    asked.dispose();
    assertThat(cancelled).as("another may want it").hasValue(0);
    indexes.dispose();

    assertThat(cancelled).hasValue(1);
  }

  @Test
  void readsInTheContextOfTheFirstWhoAsks() {
    List<String> traces = new CopyOnWriteArrayList<>();
    source =
        Mono.deferContextual(
            context -> {
              traces.add(context.get("trace"));
              return Mono.error(new StorageException("away", true, null));
            });

    indexes
        .get(file(1))
        .contextWrite(context -> context.put("trace", "t-1"))
        .onErrorComplete()
        .block(LONG);

    assertThat(traces).containsExactly("t-1");
  }

  private static ObjectId id(int n) {
    return new ObjectId(String.format("%032x", n));
  }

  private static StoredFile file(int n) {
    return new StoredFile(id(n), 2, CheckpointKind.FULL, root(), null, 1, 1, "none", List.of());
  }

  private static RootHash root() {
    return new RootHash("0".repeat(64));
  }

  /** An index of nothing that claims to weigh something. */
  private record Weight(ObjectId objectId, long weight) implements BlockIndex {
    @Override
    public RootHash rootHash() {
      return root();
    }

    @Override
    public List<Ancestor> ancestors() {
      return List.of();
    }

    @Override
    public int blockSize() {
      return 4096;
    }

    @Override
    public Optional<FingerprintAlgorithm> algorithm() {
      return Optional.empty();
    }

    @Override
    public List<Chunk> chunks() {
      return List.of();
    }

    @Override
    public long blocks() {
      return 0;
    }

    @Override
    public long ancestorBlocks() {
      return 0;
    }

    @Override
    public long size() {
      return 0;
    }

    @Override
    public ReadCost readCost(boolean scattered) {
      return new ReadCost(0, 0, 0, 0);
    }

    @Override
    public ReadCost flatReadCost() {
      return readCost(true);
    }

    @Override
    public BlockLocation find(byte[] fingerprint, int at, int rawLength) {
      return null;
    }
  }

  @Test
  void readsOnceForAllWhoAskMeanwhile() {
    Sinks.One<BlockIndex> answer = Sinks.one();
    source = answer.asMono();
    List<Mono<BlockIndex>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Mono<BlockIndex> get = indexes.get(file(1)).cache();
      get.subscribe();
      asked.add(get);
    }
    Patience.until("it is being read", () -> reads.get() == 1);
    Weight index = new Weight(id(1), MIB);
    answer.tryEmitValue(index);

    for (Mono<BlockIndex> one : asked) {
      assertThat(one.block(LONG)).isSameAs(index);
    }
    assertThat(indexes.get(file(1)).block(LONG)).isSameAs(index);
    assertThat(reads).hasValue(1);
    assertThat(indexes.stats().loads()).isEqualTo(1);
  }

  @Test
  void oneWhoCancelsHarmsNobody() {
    Sinks.One<BlockIndex> answer = Sinks.one();
    source = answer.asMono();
    Disposable impatient = indexes.get(file(1)).subscribe();
    Mono<BlockIndex> patient = indexes.get(file(1)).cache();
    patient.subscribe();
    Patience.until("it is being read", () -> reads.get() == 1);

    impatient.dispose();
    Weight index = new Weight(id(1), MIB);
    answer.tryEmitValue(index);

    assertThat(patient.block(LONG)).isSameAs(index);
    assertThat(cancelled).hasValue(0);
    assertThat(reads).hasValue(1);
  }

  @Test
  void whatCouldNotBeReadIsReadAnewNextTime() {
    source = Mono.error(new StorageException("down", true, null));
    assertThatThrownBy(() -> indexes.get(file(1)).block(LONG)).isInstanceOf(StorageException.class);
    Weight index = new Weight(id(1), MIB);
    source = Mono.just(index);

    assertThat(indexes.get(file(1)).block(LONG)).isSameAs(index);
    assertThat(indexes.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void whatCouldNotBeReadIsToldToAllWhoAskedAndLoggedByNobody() {
    Sinks.One<BlockIndex> answer = Sinks.one();
    source = answer.asMono();
    Logger logger = Logger.getLogger("com.github.benmanes.caffeine");
    List<String> records = new CopyOnWriteArrayList<>();
    Handler handler = recording(records);
    logger.addHandler(handler);
    try {
      Mono<BlockIndex> first = indexes.get(file(1)).cache();
      Mono<BlockIndex> second = indexes.get(file(1)).cache();
      first.subscribe(index -> {}, error -> {});
      second.subscribe(index -> {}, error -> {});
      Patience.until("both wait for one reading", () -> indexes.stats().hits() == 1);

      StorageException down = new StorageException("down", true, null);
      answer.tryEmitError(down);

      assertThatThrownBy(() -> first.block(LONG)).isEqualTo(down);
      assertThatThrownBy(() -> second.block(LONG)).isEqualTo(down);
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(records).isEmpty();
    assertThat(indexes.stats().loadFailures()).isEqualTo(1);
  }

  @Test
  void whatFailsWhenNobodyWaitsAnyMoreIsDroppedInSilence() {
    Sinks.One<BlockIndex> answer = Sinks.one();
    source = answer.asMono();
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    Hooks.onErrorDropped(dropped::add);
    try {
      Disposable impatient = indexes.get(file(1)).subscribe();
      Patience.until("it is being read", () -> reads.get() == 1);

      impatient.dispose();
      answer.tryEmitError(new StorageException("closed meanwhile", false, null));
      Patience.until("it has failed", () -> indexes.stats().loadFailures() == 1);
    } finally {
      Hooks.resetOnErrorDropped();
    }
    assertThat(dropped).isEmpty();
  }

  @Test
  void whatEndsAfterTheCacheIsLoggedByNobody() {
    Sinks.One<BlockIndex> answer = Sinks.one();
    source = answer.asMono();
    indexes.get(file(1)).subscribe(index -> {}, error -> {});
    Patience.until("it is being read", () -> reads.get() == 1);
    List<String> records = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger("com.github.benmanes.caffeine");
    Handler handler = recording(records);
    logger.addHandler(handler);
    try {
      indexes.dispose();
      answer.tryEmitError(new StorageException("closed meanwhile", false, null));
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(records).isEmpty();
  }

  private static Handler recording(List<String> records) {
    return new Handler() {
      @Override
      public void publish(LogRecord entry) {
        records.add(entry.getMessage());
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  @Test
  void holdsNoMoreBytesThanItMay() {
    for (int i = 0; i < 50; i++) {
      indexes.add(new Weight(id(i), 3 * MIB)).block(LONG);
    }

    // They go on a thread of the cache's own, and are counted a moment later.
    Patience.until("old ones went", () -> indexes.stats().evictions() >= 47);
    assertThat(indexes.stats().bytes()).isLessThanOrEqualTo(10 * MIB);
    assertThat(indexes.stats().maxBytes()).isEqualTo(10 * MIB);
  }

  @Test
  void whatWasAddedIsNotRead() {
    Weight index = new Weight(id(7), 100);
    indexes.add(index).block(LONG);

    assertThat(indexes.get(file(7)).block(LONG)).isSameAs(index);
    assertThat(reads).hasValue(0);
    assertThat(indexes.stats().hits()).isEqualTo(1);
    Patience.until("however small, it counts", () -> indexes.stats().bytes() > 0);
  }
}
