package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ScriptedStorage.Call;
import io.ringkernel.checkpoint.core.ScriptedStorage.Fault;
import io.ringkernel.checkpoint.error.GroupException;
import io.ringkernel.checkpoint.error.StorageException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/** Work side by side that all fails at one moment: one failure is told, and none is logged. */
@Timeout(60)
class FailingTogetherTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(2);

  @RegisterExtension
  final CopyFixture stores = new CopyFixture(CODEC, "memory:" + UUID.randomUUID());

  private final FieldPair room = new FieldPair();
  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
  private GroupReceipt saved;

  @BeforeEach
  void save() {
    room.save(stores.from);
    saved = room.save(stores.from);
    Hooks.onErrorDropped(dropped::add);
  }

  @AfterEach
  void dropsNone() {
    Hooks.resetOnErrorDropped();
    assertThat(dropped).isEmpty();
  }

  private static Predicate<Call> reads(String prefix) {
    return call -> call.operation().equals("read") && call.name().startsWith(prefix);
  }

  /** Fails some calls of a storage together; what became of the work that made them. */
  private static Throwable failure(ScriptedStorage storage, Predicate<Call> calls, Mono<?> work) {
    storage.failWhen(calls, Fault.FAIL_TOGETHER);
    CompletableFuture<Throwable> failure =
        work.then(Mono.<Throwable>empty()).onErrorResume(Mono::just).toFuture();
    storage.failNow(2);
    Throwable told = Mono.fromFuture(failure).block(LONG);
    storage.heal();
    return told;
  }

  private Throwable failure(Predicate<Call> calls, Function<Checkpointer, Mono<?>> work) {
    return failure(stores.source, calls, work.apply(stores.from));
  }

  @Test
  void namesThatAreListed() {
    assertThat(failure(reads("room/"), store -> store.list("").then()))
        .isInstanceOf(StorageException.class);
  }

  @Test
  void headsThatACollectionReads() {
    assertThat(failure(reads(".rkcp/heads/"), store -> store.collect(CollectOptions.defaults())))
        .isInstanceOf(StorageException.class);
  }

  @Test
  void membersOfAGroupThatAreVerified() {
    assertThat(
            failure(
                reads(".rkcp/objects/"),
                store -> store.groups().restore(saved.name(), room.kernels)))
        .isInstanceOf(GroupException.class);
  }

  @Test
  void membersOfAGroupThatWereCopied() {
    String last = FieldPair.member(saved, 1);
    AtomicBoolean copied = new AtomicBoolean();
    Predicate<Call> looks =
        call -> {
          copied.compareAndSet(false, call.savesEntry() && call.name().equals(last));
          return copied.get() && reads("").test(call);
        };
    Mono<?> copy = stores.from.groups().copy(saved.name(), stores.to, CopyRequest.defaults());

    assertThat(failure(stores.target, looks, copy)).isInstanceOf(StorageException.class);
  }

  @Test
  void membersOfAGroupThatAreSaved() {
    Predicate<Call> objects =
        call -> call.operation().equals("save") && call.name().startsWith(StoreNames.OBJECTS);

    assertThat(failure(objects, store -> store.groups().save("room", room.kernels)))
        .isInstanceOf(GroupException.class);
  }

  @Test
  void whatIsCopiedToAFarTierThatIsClosed() {
    stores.target.failWhen(reads(""), Fault.FAIL_TOGETHER);
    Checkpointer tiers = tiers();
    stores.target.awaitFailing(2);

    tiers.close().block(LONG);
    stores.target.failNow(2);

    stores.target.heal();
  }

  private Checkpointer tiers() {
    return Checkpointer.builder(
            TieredStorage.of(stores.source, stores.target)
                .retry(Duration.ofMillis(1), Duration.ofMillis(5))
                .finishWithin(Duration.ZERO))
        .build();
  }

  @Test
  void whatAFarTierIsAskedForAtTheStart() {
    stores.target.failWhen(reads(""), Fault.FAIL_TOGETHER);
    Checkpointer tiers = tiers();

    stores.target.failNow(2);
    stores.target.heal();

    tiers.tiers().orElseThrow().settled().block(LONG);
    assertThat(StoreFixture.names(stores.to)).contains(saved.name());
    tiers.close().block(LONG);
  }
}
