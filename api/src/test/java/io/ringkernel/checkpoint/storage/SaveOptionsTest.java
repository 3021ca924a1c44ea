package io.ringkernel.checkpoint.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SaveOptionsTest {
  @Test
  void hasExactlyOneCondition() {
    assertThat(SaveOptions.replace().isOnlyIfAbsent()).isFalse();
    assertThat(SaveOptions.replace().expectedVersion()).isEmpty();
    assertThat(SaveOptions.onlyIfAbsent().isOnlyIfAbsent()).isTrue();
    assertThat(SaveOptions.onlyIfAbsent().expectedVersion()).isEmpty();
    assertThat(SaveOptions.onlyIfVersion("v1").isOnlyIfAbsent()).isFalse();
    assertThat(SaveOptions.onlyIfVersion("v1").expectedVersion()).contains("v1");
  }

  @Test
  void attributesKeepTheCondition() {
    Map<String, String> values = new HashMap<>(Map.of("kind", "full"));
    SaveOptions absent = SaveOptions.onlyIfAbsent().withAttributes(values);
    SaveOptions version = SaveOptions.onlyIfVersion("v1").withAttributes(values);
    values.clear();

    assertThat(absent.isOnlyIfAbsent()).isTrue();
    assertThat(absent.attributes()).isEqualTo(Map.of("kind", "full"));
    assertThat(version.expectedVersion()).contains("v1");
    assertThat(SaveOptions.onlyIfAbsent().attributes()).as("the shared one").isEmpty();
  }

  @Test
  void aStoredObjectKeepsItsOwnAttributes() {
    Map<String, String> values = new HashMap<>(Map.of("a", "b"));
    StoredObject object = new StoredObject("n", 3, "v", Instant.EPOCH, values);
    values.clear();

    assertThat(object.attributes()).isEqualTo(Map.of("a", "b"));
  }
}
