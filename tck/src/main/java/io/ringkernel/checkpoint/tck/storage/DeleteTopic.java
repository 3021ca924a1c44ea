package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Deletion tells whether it removed something, and removes nothing else. */
abstract class DeleteTopic extends StorageTopic {
  DeleteTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void removesWhatIsThere() {
    save("a/b/c", bytes(1, 100));
    assertThat(await(storage().delete("a/b/c"), Boolean.class)).isTrue();
    assertAbsent("a/b/c");
    assertThat(storage().exists("a/b/c").block(Patience.LIMIT)).isFalse();
    assertThat(names("")).isEmpty();
  }

  @Test
  void tellsThatThereWasNothingToRemove() {
    assertThat(await(storage().delete("a/b/c"), Boolean.class)).isFalse();
    save("a", bytes(1, 1));
    assertThat(await(storage().delete("a/b"), Boolean.class)).isFalse();
    assertThat(names("")).containsExactly("a");
  }

  @Test
  void removesTheExpectedVersion() {
    StoredObject saved = save("a", bytes(1, 100));
    assertThat(await(storage().delete("a", saved.version()), Boolean.class)).isTrue();
    assertAbsent("a");
  }

  @Test
  void refusesToRemoveAnotherVersionThanExpected() {
    StoredObject old = save("a", bytes(1, 100));
    StoredObject current = save("a", bytes(2, 100));
    assertThat(failureOf(storage().delete("a", old.version())))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("'a'");
    assertThat(stat("a")).isEqualTo(current);
  }

  @Test
  void refusesToRemoveAVersionWhereNothingIs() {
    StoredObject gone = save("a", bytes(1, 100));
    await(storage().delete("a"));
    assertThat(failureOf(storage().delete("a", gone.version())))
        .isInstanceOf(ChangedMeanwhileException.class);
  }

  @Test
  void leavesNeighboursAlone() {
    List<String> neighbours = listable(List.of("a", "a/b", "a/b/d", "a/bc", "ab", "b"));
    for (String name : neighbours) {
      save(name, bytes(name.hashCode(), 50));
    }
    save("a/b/c", bytes(1, 50));
    await(storage().delete("a/b/c"));
    assertThat(names("")).isEqualTo(neighbours);
    await(storage().delete("a"));
    assertThat(names("")).isEqualTo(neighbours.subList(1, neighbours.size()));
    for (String name : neighbours.subList(1, neighbours.size())) {
      assertThat(read(name)).as(name).isEqualTo(bytes(name.hashCode(), 50));
    }
  }

  @Test
  void letsANameBeUsedAgain() {
    StoredObject first = save("deep/er/a", bytes(1, 10));
    await(storage().delete("deep/er/a"));
    StoredObject second = save("deep/er/a", bytes(2, 20));
    assertThat(second.version()).isNotEqualTo(first.version());
    assertThat(read("deep/er/a")).isEqualTo(bytes(2, 20));
  }
}
