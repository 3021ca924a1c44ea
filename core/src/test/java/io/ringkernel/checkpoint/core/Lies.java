package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.core.SteppedStore.Call;
import io.ringkernel.checkpoint.core.SteppedStore.Lie;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.storage.StoredObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** What an actor is made to believe, so that one check of the protocol is as good as left out. */
final class Lies {
  private Lies() {}

  /** What it writes is not written. */
  private static Lie imagines(Predicate<Call> calls) {
    return (call, store, work) ->
        call.operation().equals("save") && calls.test(call) ? written(call) : work.get();
  }

  private static StoredObject written(Call call) {
    return new StoredObject(
        call.name(), call.written().length, "imagined", Instant.EPOCH, Map.of());
  }

  /** Somebody who removes what he has read, whether or not it is there still. */
  static Lie takesOverNoNote() {
    return (call, store, work) ->
        call.operation().equals("save")
                && RecordKind.CLEARING.begins(call.written())
                && store.bytes(call.name()) != null
            ? store.object(call.name())
            : work.get();
  }

  /** A saver that pins nothing. */
  static Lie noPin() {
    Lie held = pinAlwaysHeld();
    Lie imagined = imagines(call -> call.is("save", StoreNames.PINS));
    return (call, store, work) ->
        call.is("save", StoreNames.PINS)
            ? held.answer(call, store, () -> imagined.answer(call, store, work))
            : held.answer(call, store, work);
  }

  /**
   * Somebody for whom "nothing" is a version like any other, as if no placeholder were needed: it
   * comes back whenever what was there is removed.
   */
  static Lie holdsNothing() {
    return (call, store, work) -> {
      boolean there = store.bytes(call.name()) != null;
      if (!call.name().equals("b") || there) {
        return work.get();
      }
      byte[] placeholder =
          Placeholder.of(new ObjectId("ee".repeat(16)), ProtocolWorld.KERNEL).encode();
      StoredObject nothing =
          new StoredObject("b", placeholder.length, "nothing", Instant.EPOCH, Map.of());
      if (call.operation().equals("read")) {
        return SteppedStore.read(nothing, placeholder);
      }
      boolean entry = call.is("save", "b") && RecordKind.ENTRY.begins(call.written());
      return entry ? store.put("b", call.written()) : work.get();
    };
  }

  /** A saver that does not look for its pin before it commits. */
  static Lie pinAlwaysHeld() {
    byte[][] pin = new byte[1][];
    return (call, store, work) -> {
      if (call.is("save", StoreNames.PINS)) {
        pin[0] = call.written();
      }
      return call.is("read", StoreNames.PINS)
          ? SteppedStore.read(
              new StoredObject(call.name(), pin[0].length, "held", Instant.EPOCH, Map.of()), pin[0])
          : work.get();
    };
  }

  /** A saver that does not look for tombstones. */
  static Lie noTombstones() {
    return (call, store, work) ->
        call.is("list", StoreNames.TOMBSTONES) ? SteppedStore.NOTHING : work.get();
  }

  /** A saver that does not look again whether its base is still there. */
  static Lie baseAlwaysThere() {
    Object[] first = new Object[1];
    return (call, store, work) -> {
      if (!call.operation().equals("read") || !call.name().equals("a")) {
        return work.get();
      }
      first[0] = first[0] == null ? work.get() : first[0];
      return first[0];
    };
  }

  /**
   * A collector that takes everything for garbage until it has condemned it. This must do no harm:
   * a first reading misses what moves while it reads, so that nothing may depend on it.
   */
  static Lie condemnsEverything() {
    boolean[] condemned = {false};
    return (call, store, work) -> {
      condemned[0] |= call.is("save", StoreNames.TOMBSTONES);
      boolean root =
          call.operation().equals("list")
              && !call.name().equals(StoreNames.OBJECTS)
              && !call.name().equals(StoreNames.TOMBSTONES);
      return root && !condemned[0] ? SteppedStore.NOTHING : work.get();
    };
  }

  /** The same, but without the tombstone. */
  static Lie condemnsNothing() {
    Lie everything = condemnsEverything();
    Lie nothing = imagines(call -> call.name().startsWith(StoreNames.TOMBSTONES));
    return (call, store, work) ->
        everything.answer(call, store, () -> nothing.answer(call, store, work));
  }

  /** A collector that does not look again: it finds what it found the first time. */
  static Lie looksOnce() {
    Map<String, Deque<Object>> seen = new HashMap<>();
    boolean[] second = {false};
    return (call, store, work) -> {
      if (call.is("save", StoreNames.TOMBSTONES)) {
        second[0] = true;
      }
      if (call.changes() || call.is("list", StoreNames.OBJECTS)) {
        return work.get();
      }
      Deque<Object> answers = seen.computeIfAbsent(call.toString(), key -> new ArrayDeque<>());
      if (second[0] && !answers.isEmpty()) {
        return answers.remove();
      }
      Object answer = work.get();
      if (!second[0]) {
        answers.add(answer);
      }
      return answer;
    };
  }

  /** A collector that leaves the record alone that a dead saver's commit is conditional on. */
  static Lie fencesNothing() {
    return imagines(
        call ->
            call.name().equals("a")
                || (call.name().startsWith(StoreNames.HEADS)
                    && Head.decode(call.written()).fences() > 0));
  }

  /** A repairer that leaves alone what a commit of the lost head may wait to replace. */
  static Lie fencesNoEntry() {
    return imagines(call -> call.name().equals("a"));
  }

  /** A collector that removes a dead saver's pin before it changes that record. */
  static Lie removesPinFirst() {
    return (call, store, work) -> {
      if (call.is("save", StoreNames.PINS)) {
        store.remove(call.name());
        return written(call);
      }
      return work.get();
    };
  }
}
