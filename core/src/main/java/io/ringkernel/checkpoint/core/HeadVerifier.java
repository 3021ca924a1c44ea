package io.ringkernel.checkpoint.core;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Looks whether heads can be read, and whether they know all commits that there are. */
final class HeadVerifier {
  private final Heads heads;
  private final UserNames names;

  HeadVerifier(Heads heads, UserNames names) {
    this.heads = heads;
    this.names = names;
  }

  /** A report for each kernel, by the names of their heads. */
  Flux<HeadReport> reports() {
    return Flux.defer(
        () ->
            heads
                .examined()
                .collectMap(Heads.Examined::name)
                .flatMapMany(
                    seen -> numbers().flatMapMany(numbers -> new Look(seen, numbers).reports())));
  }

  /** The numbers of each kernel of which there is something. */
  private Mono<Map<String, CommitNumbers>> numbers() {
    return names.all().map(UserNames.Named::slot).collect(TreeMap::new, HeadVerifier::add);
  }

  private static void add(Map<String, CommitNumbers> numbers, Slot slot) {
    if (slot instanceof Slot.Managed managed) {
      of(numbers, managed.entry().metadata().kernelId()).add(managed.entry());
    } else {
      slot.entries().forEach(one -> of(numbers, one.metadata().kernelId()).addQuoted(one));
    }
    String awaited = slot.awaits();
    if (awaited != null) {
      of(numbers, awaited);
    }
  }

  private static CommitNumbers of(Map<String, CommitNumbers> numbers, String kernelId) {
    return numbers.computeIfAbsent(kernelId, id -> new CommitNumbers());
  }

  /** The heads, read before the names: what is amiss between them is looked at again. */
  private final class Look {
    private final Map<String, Heads.Examined> seen;
    private final Map<String, CommitNumbers> numbers;
    private final Map<String, String> kernels = new TreeMap<>();

    Look(Map<String, Heads.Examined> seen, Map<String, CommitNumbers> numbers) {
      this.seen = seen;
      this.numbers = numbers;
      numbers.keySet().forEach(kernelId -> kernels.put(StoreNames.head(kernelId), kernelId));
    }

    Flux<HeadReport> reports() {
      Set<String> all = new TreeSet<>(kernels.keySet());
      all.addAll(seen.keySet());
      return Flux.fromIterable(all).concatMap(this::report, 1);
    }

    private Mono<HeadReport> report(String name) {
      Heads.Examined examined = seen.get(name);
      String kernelId = kernels.get(name);
      if (examined != null && examined.finding() != null) {
        String told = kernelId == null ? StoreNames.kernelId(name).orElse(null) : kernelId;
        return Mono.just(new HeadReport(name, told, examined.finding()));
      }
      Head head = examined == null ? null : examined.head();
      if (kernelId == null) {
        return Mono.just(new HeadReport(name, head == null ? null : head.kernelId(), null));
      }
      CommitNumbers its = of(numbers, kernelId);
      return knows(head, its)
          ? Mono.just(new HeadReport(name, kernelId, null))
          : again(name, kernelId, its);
    }

    /** A commit that came meanwhile is in the head before it is under its name. */
    private Mono<HeadReport> again(String name, String kernelId, CommitNumbers its) {
      return heads
          .inspect(kernelId)
          .map(
              found -> {
                HeadDamage damage = found.lacking(its);
                return new HeadReport(name, kernelId, damage == null ? null : damage.advised());
              });
    }

    private static boolean knows(@Nullable Head head, CommitNumbers its) {
      return head != null
          && !head.partial()
          && !its.areDoubled()
          && Long.compareUnsigned(head.sequence(), its.highest()) >= 0;
    }
  }
}
