package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.internal.FirstFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Copies checkpoints from one store into another, or within one. */
final class Copier {
  private static final String WHY_FLAT =
      "it is a full one there, since not all objects that it refers to could be had there: ";

  private final Engine from;
  private final Engine to;
  private final CopyTerms terms;

  Copier(Engine from, Engine to, CopyTerms terms) {
    this.from = from;
    this.to = to;
    this.terms = terms;
  }

  /** A copy by whoever comes: it claims nothing. */
  static Copier between(Engine from, Engine to) {
    return new Copier(from, to, new CopyTerms(to.claims::held, null));
  }

  /** A new attempt with each subscription. */
  Mono<CopyReceipt> copy(String name, CopyRequest request) {
    return from.resolver.resolve(name).flatMap(located -> copy(located, request));
  }

  /** The same of what was resolved already. */
  Mono<CopyReceipt> copy(Located located, CopyRequest request) {
    return Mono.defer(
        () -> {
          Attempt attempt = new Attempt(located, request);
          StoreNames.requireUserName(attempt.name);
          if (located instanceof Located.Group group) {
            return Mono.error(group.refusal());
          }
          if (!(located instanceof Located.InObject managed)) {
            return bare(attempt);
          }
          Mono<CopyReceipt> there = there(attempt, managed.entry());
          return there
              .switchIfEmpty(Mono.defer(() -> managed(attempt, managed.entry())))
              // Perhaps another copied the same, and was quicker.
              .onErrorResume(Failures::isRefusal, e -> there.switchIfEmpty(Mono.error(e)));
        });
  }

  /** The receipt when that very checkpoint is under its name already. */
  private Mono<CopyReceipt> there(Attempt attempt, Entry entry) {
    return to.slots
        .read(attempt.name)
        .flatMap(
            slot ->
                slot instanceof Slot.Managed managed && managed.entry().isCopyOf(entry)
                    ? Mono.just(managed.entry())
                    : to.resolver
                        .pending(attempt.name, slot)
                        .map(Head.Latest::entry)
                        .filter(latest -> latest.isCopyOf(entry)))
        .filter(present -> !attempt.request.isFlattened() || present.file().ancestors().isEmpty())
        .map(present -> present(attempt.name, present, attempt.duration()));
  }

  private Mono<CopyReceipt> managed(Attempt attempt, Entry entry) {
    boolean delta = entry.file().kind() == CheckpointKind.DELTA;
    if (delta && attempt.request.isFlattened()) {
      return flat(attempt, entry, List.of());
    }
    return to.saver
        .save(new CopySource(from, to, entry, terms, attempt.meter), attempt.saveRequest(entry))
        .map(saved -> attempt.receipt(saved, entry.file().ancestors().size(), false, List.of()))
        .onErrorResume(
            e -> delta && e instanceof BaseMismatchException,
            e -> flat(attempt, entry, List.of(WHY_FLAT + e.getMessage())));
  }

  private Mono<CopyReceipt> flat(Attempt attempt, Entry entry, List<String> notes) {
    return from.reader
        .open(entry.file())
        .flatMap(
            file ->
                flat(
                    attempt,
                    new FlatSource(
                        entry.metadata(),
                        terms.claim(entry.metadata().kernelId()),
                        terms.isImport(entry),
                        terms.origin(entry),
                        to.ids.next(),
                        file.header().version() == 1
                            ? applied(attempt, entry, file)
                            : flattened(attempt, file, entry.file().codec())),
                    attempt.saveRequest(entry),
                    notes));
  }

  private Mono<CopyReceipt> flat(
      Attempt attempt, FlatSource source, SaveRequest request, List<String> notes) {
    return to.saver.save(source, request).map(saved -> attempt.receipt(saved, 0, true, notes));
  }

  private Function<ObjectId, Mono<Written.WrittenObject>> flattened(
      Attempt attempt, CheckpointFile file, String codec) {
    return id ->
        Mono.defer(
            () -> {
              attempt.meter.expect(0);
              return to.tools.objects().flatten(id, file, codec, attempt.meter::sent);
            });
  }

  /** What a whole-chunk delta of version 1 stands for, written as any other checkpoint. */
  private Function<ObjectId, Mono<Written.WrittenObject>> applied(
      Attempt attempt, Entry entry, CheckpointFile file) {
    Located located = new Located.InObject(attempt.from, entry);
    return id ->
        Mono.usingWhen(
            from.loader.checkpoint(new Opener.Opened(located, file), null),
            whole ->
                to.tools
                    .objects()
                    .write(id, whole, entry.metadata().createdAtMicros(), null, false),
            whole -> Mono.fromRunnable(whole::close));
  }

  private Mono<CopyReceipt> bare(Attempt attempt) {
    return FirstFailure.both(
            from.opener.content(attempt.located),
            from.opener.open(attempt.located),
            ObjectReader.Raw::new)
        .flatMap(
            raw ->
                raw.file()
                    .verifyOwnBytes()
                    .then(bare(attempt, raw))
                    .onErrorResume(
                        BaseMismatchException.class, e -> flatBare(attempt, raw.file(), e)));
  }

  private Mono<CopyReceipt> bare(Attempt attempt, ObjectReader.Raw raw) {
    int ancestors = raw.file().ancestors().size();
    if (ancestors > 0 && attempt.request.isFlattened()) {
      return flatBare(attempt, raw.file(), null);
    }
    return Mono.defer(
        () -> {
          attempt.meter.expect(raw.content().size());
          FileSource source =
              new FileSource(to.tools, attempt.meter.counting(raw.content()), raw.file());
          return to.saver
              .save(source, attempt.saveRequest())
              .map(saved -> attempt.receipt(saved, ancestors, false, List.of()));
        });
  }

  private Mono<CopyReceipt> flatBare(
      Attempt attempt, CheckpointFile file, @Nullable BaseMismatchException why) {
    FlatSource source =
        new FlatSource(
            file.metadata(),
            terms.claim(file.metadata().kernelId()),
            true,
            null,
            to.ids.next(),
            flattened(attempt, file, FileStart.codecName(file.header().compression())));
    return flat(
        attempt,
        source,
        attempt.saveRequest(),
        why == null ? List.of() : List.of(WHY_FLAT + why.getMessage()));
  }

  /** The receipt for what is there already. */
  static CopyReceipt present(String name, Entry entry) {
    return present(name, entry, Duration.ZERO);
  }

  private static CopyReceipt present(String name, Entry entry, Duration duration) {
    StoredFile file = entry.file();
    return new CopyReceipt(
        name,
        file.objectId(),
        file.kind(),
        entry.mark().sequence(),
        false,
        0,
        file.fileSize(),
        file.ancestors().size(),
        false,
        duration,
        List.of());
  }

  /** One copy of one checkpoint. */
  private static final class Attempt {
    final long startedAt = System.nanoTime();
    final Located located;
    final CopyRequest request;
    final String from;
    final String name;
    final CopyMeter meter;

    Attempt(Located located, CopyRequest request) {
      this.located = located;
      this.request = request;
      this.from = located.name();
      this.name = request.name().orElse(from);
      this.meter = new CopyMeter(from, request.progress());
    }

    SaveRequest saveRequest() {
      SaveRequest save = SaveRequest.defaults().named(name);
      return request.isOnlyIfAbsent() ? save.onlyIfAbsent() : save;
    }

    SaveRequest saveRequest(Entry entry) {
      return saveRequest().savepoint(entry.savepoint()).tags(entry.tags());
    }

    CopyReceipt receipt(SaveReceipt saved, int ancestors, boolean flattened, List<String> notes) {
      List<String> all = new ArrayList<>(notes);
      all.addAll(saved.notes());
      return new CopyReceipt(
          name,
          saved.objectId(),
          saved.kind(),
          saved.sequence(),
          true,
          meter.copied(),
          meter.present(),
          ancestors,
          flattened,
          duration(),
          all);
    }

    Duration duration() {
      return Duration.ofNanos(System.nanoTime() - startedAt);
    }
  }
}
