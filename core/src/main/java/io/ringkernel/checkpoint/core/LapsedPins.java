package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.internal.FirstFailure;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import java.util.HashSet;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Some pins whose lease is over, and what ends them, in three steps, so that a collector that dies
 * in between leaves them to the next one: each is broken, so that its writer is refused when it
 * looks; then the records that their commits are conditional on are changed, so that a writer is
 * refused also when it has looked already; then the pins are removed. A record is changed once for
 * all the pins of its kernel or name: one after the other, many would stand in each other's way.
 * For one use.
 */
final class LapsedPins {
  private static final int CALLS_IN_FLIGHT = 16;

  /** A pin that is broken, without its objects: there may be many of both. */
  private record Broken(String name, String version, PinRecord pin) {}

  private final CheckpointStorage storage;
  private final SmallObjects small;
  private final Heads heads;
  private final Slots slots;
  private final Resolver resolver;
  private final Queue<Broken> broken = new ConcurrentLinkedQueue<>();

  LapsedPins(
      CheckpointStorage storage, SmallObjects small, Heads heads, Slots slots, Resolver resolver) {
    this.storage = storage;
    this.small = small;
    this.heads = heads;
    this.slots = slots;
    this.resolver = resolver;
  }

  /** Breaks a pin; refused when it was renewed or released meanwhile. */
  Mono<Void> breakOff(SmallObjects.Start start, PinRecord pin) {
    String name = start.object().name();
    String found = start.object().version();
    Mono<String> version =
        pin.broken()
            ? Mono.just(found)
            : small.write(name, pin.asBroken().encode(), found).map(written -> written.version());
    return version.doOnNext(now -> broken.add(new Broken(name, now, pin.withoutObjects()))).then();
  }

  /**
   * Ends the pins that were broken.
   *
   * @param ended told of each; one whose record kept changing meanwhile is left to the next
   *     collection
   */
  Mono<Void> end(Consumer<PinRecord> ended) {
    return unfenced(PinRecord::kernelId, this::fenceHead)
        .flatMap(
            kernels ->
                unfenced(PinRecord::entryName, this::fenceEntry)
                    .flatMap(names -> remove(kernels, names, ended)));
  }

  private Mono<Set<String>> unfenced(
      Function<PinRecord, @Nullable String> record, Function<String, Mono<Void>> fence) {
    return FirstFailure.of(
            Flux.fromStream(
                    () ->
                        broken.stream()
                            .map(one -> record.apply(one.pin()))
                            .filter(Objects::nonNull))
                .distinct(),
            one ->
                fence
                    .apply(one)
                    .then(Mono.<String>empty())
                    .onErrorResume(Failures::isRefusal, e -> Mono.just(one)),
            CALLS_IN_FLIGHT)
        .collect(HashSet::new, Set::add);
  }

  private Mono<Void> remove(Set<String> kernels, Set<String> names, Consumer<PinRecord> ended) {
    return FirstFailure.of(
            Flux.fromIterable(broken)
                .filter(
                    one ->
                        !kernels.contains(one.pin().kernelId())
                            && !names.contains(one.pin().entryName())),
            one ->
                storage
                    .delete(one.name(), one.version())
                    .then()
                    .onErrorComplete(Failures::isRefusal)
                    .doOnSuccess(done -> ended.accept(one.pin())),
            CALLS_IN_FLIGHT)
        .then();
  }

  private Mono<Void> fenceHead(String kernelId) {
    return heads
        .fence(kernelId)
        .onErrorMap(
            e -> Failures.isUnusable(e) && !Failures.isRefusal(e),
            e -> HeadDamage.endsCollection(StoreNames.head(kernelId), e));
  }

  /** A commit that waits to replace what is there is written now: it must not become void. */
  private Mono<Void> fenceEntry(String name) {
    return slots
        .read(name)
        .flatMap(
            slot ->
                resolver
                    .pending(name, slot)
                    .map(commit -> slots.write(name, commit.entry(), commit.base()).then())
                    .defaultIfEmpty(Mono.defer(() -> slots.fence(name, slot)))
                    .flatMap(change -> change))
        .retryWhen(Again.afterRefusal());
  }
}
