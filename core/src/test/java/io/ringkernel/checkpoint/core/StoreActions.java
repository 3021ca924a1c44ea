package io.ringkernel.checkpoint.core;

import io.ringkernel.checkpoint.Checkpoint;
import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.core.ExpectedStore.Expected;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Changes a store at random, and what should be in it accordingly. */
final class StoreActions {
  private static final List<String> KERNELS = List.of("k0", "k1");
  private static final int BLOCKS = 6;
  private static final int NAMES = 8;

  private final Random random;
  private final MortalProcess process;
  private final ExpectedStore model;
  private final StoreChecks checks;
  private final Map<String, byte[]> states = new HashMap<>();
  private final Map<String, byte[]> earlierHeads = new HashMap<>();
  private final byte[] initial;

  StoreActions(Random random, MortalProcess process, ExpectedStore model, StoreChecks checks) {
    this.random = random;
    this.process = process;
    this.model = model;
    this.checks = checks;
    this.initial = TestStates.random(BLOCKS * MortalProcess.BLOCK, random.nextLong());
  }

  /** One action, or a look at one name. */
  void any() {
    int choice = random.nextInt(100);
    if (choice < 38) {
      save();
    } else if (choice < 45) {
      copy();
    } else if (choice < 55) {
      delete();
    } else if (choice < 65) {
      tag();
    } else if (choice < 77) {
      flatten();
    } else if (choice < 82) {
      prune();
    } else if (choice < 90) {
      collect();
    } else if (choice < 93) {
      harmAndRepair();
    } else {
      checks.one(anyName());
    }
  }

  private String anyName() {
    return "n" + random.nextInt(NAMES);
  }

  private void save() {
    save(anyKernel());
  }

  private String anyKernel() {
    return KERNELS.get(random.nextInt(KERNELS.size()));
  }

  private void save(String kernelId) {
    String name = anyName();
    byte[] state = changed(kernelId);
    boolean savepoint = random.nextInt(12) == 0;
    long order = model.next();
    Expected next =
        new Expected(kernelId, order, false, ByteBuffer.wrap(state), savepoint, Set.of());
    SaveRequest request =
        SaveRequest.defaults().named(name).base(base(kernelId)).savepoint(savepoint);
    boolean done =
        process.perform(
            "save " + name + " of " + kernelId + " on " + request.base().orElseThrow(),
            checkpointer -> checkpointer.save(checkpoint(kernelId, order, state), request));
    adopt(name, done, next);
  }

  private static Checkpoint checkpoint(String kernelId, long step, byte[] state) {
    return Checkpoint.builder(TestStates.metadata(kernelId, step))
        .deviceMemory("state", ChunkContent.of(state))
        .build();
  }

  /** The kernel's last state with some blocks changed. */
  private byte[] changed(String kernelId) {
    byte[] state = states.getOrDefault(kernelId, initial).clone();
    for (int n = random.nextInt(3); n >= 0; n--) {
      state[random.nextInt(state.length)] = (byte) random.nextInt();
    }
    states.put(kernelId, state);
    return state;
  }

  private BaseChoice base(String kernelId) {
    List<String> candidates = model.names(kernelId);
    int choice = random.nextInt(6);
    if (choice == 0) {
      return BaseChoice.full();
    }
    return choice < 3 && !candidates.isEmpty()
        ? BaseChoice.named(candidates.get(random.nextInt(candidates.size())))
        : BaseChoice.latest();
  }

  private void copy() {
    String from = anyName();
    String to = anyName();
    Expected source = model.get(from);
    if (source == null) {
      return;
    }
    SaveRequest request =
        SaveRequest.defaults().named(to).tags(source.tags()).savepoint(source.savepoint());
    boolean done =
        process.perform(
            "copy " + from + " to " + to,
            checkpointer ->
                checkpointer
                    .fileContent(from)
                    .flatMap(file -> checkpointer.importFile(file, request)));
    adopt(to, done, source.copied());
  }

  private void delete() {
    String name = anyName();
    boolean done = process.perform("delete " + name, checkpointer -> checkpointer.delete(name));
    adopt(name, done, null);
  }

  private void tag() {
    String name = anyName();
    Expected before = model.get(name);
    if (before == null) {
      return;
    }
    String tag = "t" + random.nextInt(3);
    boolean untag = random.nextInt(3) == 0;
    Set<String> tags = new TreeSet<>(before.tags());
    boolean unused = untag ? tags.remove(tag) : tags.add(tag);
    boolean done =
        process.perform(
            (untag ? "untag " : "tag ") + name + " " + tag,
            checkpointer -> untag ? checkpointer.untag(name, tag) : checkpointer.tag(name, tag));
    adopt(name, done, before.tagged(tags));
  }

  private void flatten() {
    String name = anyName();
    if (model.get(name) != null) {
      process.perform("flatten " + name, checkpointer -> checkpointer.flatten(name));
      checks.one(name);
    }
  }

  private void prune() {
    int last = 1 + random.nextInt(5);
    RetentionPolicy policy = RetentionPolicy.builder().keepLast(last).keepTag("t1").build();
    Set<String> kept = model.kept(KERNELS, last, "t1");
    boolean done =
        process.perform("prune to " + policy, checkpointer -> checkpointer.prune(policy));
    for (String name : model.names()) {
      if (!kept.contains(name)) {
        adopt(name, done, null);
      }
    }
  }

  private void collect() {
    Duration grace = random.nextBoolean() ? Duration.ZERO : Duration.ofHours(1);
    process.perform(
        "collect after " + grace,
        checkpointer -> checkpointer.collect(CollectOptions.defaults().grace(grace)));
  }

  /**
   * Harms a kernel's head and repairs it, at the second try when the first dies: nothing changes. A
   * commit that waits can be read in a head that is cut off only behind it. Where a head is gone or
   * an older one is put in its place, the kernel may be saved before anybody sees that.
   */
  private void harmAndRepair() {
    String kernelId = anyKernel();
    String name = StoreNames.head(kernelId);
    if (model.names(kernelId).isEmpty()) {
      return;
    }
    ScriptedStorage storage = process.storage();
    byte[] head = BareFiles.stored(storage, name);
    int harm = waits(storage, Head.decode(head)) ? 0 : random.nextInt(4);
    process.note("harm " + harm + " to the head of " + kernelId);
    switch (harm) {
      case 0 -> BareFiles.put(storage, name, Arrays.copyOf(head, head.length - 15));
      case 1 -> BareFiles.put(storage, name, new byte[random.nextInt(head.length)]);
      case 2 -> storage.delete(name).block(TestStates.LONG);
      default -> BareFiles.put(storage, name, earlierHeads.getOrDefault(kernelId, head));
    }
    earlierHeads.put(kernelId, head);
    if (harm > 1 && random.nextBoolean()) {
      save(kernelId);
    }
    if (!process.perform("repair " + kernelId, checkpointer -> checkpointer.repair(kernelId))) {
      process.checkpointer().repair(kernelId).block(TestStates.LONG);
    }
  }

  private static boolean waits(ScriptedStorage storage, Head head) {
    return head.commits().stream()
        .anyMatch(
            commit ->
                storage
                    .stat(commit.name())
                    .map(is -> is.version().equals(commit.base()))
                    .onErrorReturn(CheckpointNotFoundException.class, false)
                    .block(TestStates.LONG));
  }

  /** What a name should hold after a change; after one that died, either is right. */
  private void adopt(String name, boolean done, Expected next) {
    Expected now = next;
    if (!done) {
      now = checks.found(name, model.get(name), next);
      process.note("  " + name + " holds the " + (Objects.equals(now, next) ? "new" : "old"));
    }
    model.put(name, now);
  }
}
