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
                    seen -> highest().flatMapMany(highest -> new Look(seen, highest).reports())));
  }

  /** The highest number of a commit that each kernel has something of. */
  private Mono<Map<String, Long>> highest() {
    return names
        .readable()
        .flatMapIterable(named -> named.slot().entries().toList())
        .collect(
            TreeMap::new,
            (highest, entry) ->
                highest.merge(
                    entry.metadata().kernelId(), entry.mark().sequence(), CommitMark::higher));
  }

  /** The heads, read before the names: what is amiss between them is looked at again. */
  private final class Look {
    private final Map<String, Heads.Examined> seen;
    private final Map<String, Long> highest;
    private final Map<String, String> kernels = new TreeMap<>();

    Look(Map<String, Heads.Examined> seen, Map<String, Long> highest) {
      this.seen = seen;
      this.highest = highest;
      highest.keySet().forEach(kernelId -> kernels.put(StoreNames.head(kernelId), kernelId));
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
      return knows(head, kernelId)
          ? Mono.just(new HeadReport(name, kernelId, null))
          : again(name, kernelId);
    }

    /** A commit that came meanwhile is in the head before it is under its name. */
    private Mono<HeadReport> again(String name, String kernelId) {
      return heads
          .inspect(kernelId)
          .map(
              found ->
                  new HeadReport(
                      name, kernelId, found.lacking(highest.getOrDefault(kernelId, 0L))));
    }

    private boolean knows(@Nullable Head head, String kernelId) {
      return head != null
          && Long.compareUnsigned(head.sequence(), highest.getOrDefault(kernelId, 0L)) >= 0;
    }
  }
}
