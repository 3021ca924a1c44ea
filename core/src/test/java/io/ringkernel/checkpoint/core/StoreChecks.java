package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.core.ExpectedStore.Expected;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Compares a store with what should be in it. */
final class StoreChecks {
  private final MortalProcess process;
  private final ExpectedStore model;

  StoreChecks(MortalProcess process, ExpectedStore model) {
    this.process = process;
    this.model = model;
  }

  /** Of two that are both right under a name, the one that is there. */
  Expected found(String name, Expected before, Expected next) {
    CheckpointInfo info = info(name);
    boolean isNext = Expected.isTold(next, info);
    assertThat(isNext || Expected.isTold(before, info))
        .as("%s is old or new: %s", name, info)
        .isTrue();
    return isNext ? next : before;
  }

  private CheckpointInfo info(String name) {
    return process.checkpointer().info(name).onErrorComplete().block(LONG);
  }

  /** All that is there is right, and nothing else is there. */
  void all() {
    assertThat(infos().map(CheckpointInfo::name).collectList().block(LONG))
        .containsExactlyElementsOf(model.names());
    model.names().forEach(this::one);
  }

  private Flux<CheckpointInfo> infos() {
    return process.checkpointer().list("").cast(CheckpointInfo.class);
  }

  /** What is under a name is right. */
  void one(String name) {
    Expected expected = model.get(name);
    CheckpointInfo info = info(name);
    assertThat(Expected.isTold(expected, info)).as("%s: %s", name, info).isTrue();
    if (expected != null) {
      Map<String, ByteBuffer> loaded = TestStates.loaded(process.checkpointer(), name);
      assertThat(loaded.values()).as(name).containsExactly(expected.state());
    }
  }

  /** After a collection the store holds what is needed, and nothing else. */
  void nothingElseIsKept() {
    ScriptedStorage storage = process.storage();
    if (storage.list(StoreNames.PINS).hasElements().block(LONG)) {
      Mono.delay(MortalProcess.LEASE.multipliedBy(2)).block();
    }
    process.checkpointer().collect(CollectOptions.defaults().grace(Duration.ZERO)).block(LONG);
    process.note("checked that nothing else is kept");
    assertThat(kept())
        .as(() -> "the objects after a collection, where\n  " + Referrers.told(storage) + "\n")
        .containsExactlyInAnyOrderElementsOf(needed());
    assertThat(names().collectList().block(LONG))
        .as("names with something under them, be it a placeholder")
        .containsExactlyInAnyOrderElementsOf(model.names());
    Flux<StoredObject> left =
        Flux.just(StoreNames.PINS, StoreNames.TOMBSTONES).concatMap(storage::list);
    assertThat(left.map(StoredObject::name).collectList().block(LONG)).isEmpty();
    all();
  }

  private Set<String> needed() {
    return infos()
        .flatMapIterable(
            info -> Stream.concat(Stream.of(info.objectId()), info.ancestors().stream()).toList())
        .map(id -> id.hex())
        .collect(Collectors.toSet())
        .block(LONG);
  }

  private Set<String> kept() {
    return process
        .storage()
        .list(StoreNames.OBJECTS)
        .map(StoredObject::name)
        .map(name -> name.substring(name.lastIndexOf('/') + 1))
        .collect(Collectors.toSet())
        .block(LONG);
  }

  /** The users' names under which anything lies. */
  private Flux<String> names() {
    return process
        .storage()
        .list("")
        .map(StoredObject::name)
        .filter(name -> !StoreNames.isReserved(name));
  }
}
