package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StorageCapability;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Attributes come back where they can, and are empty where they can't. */
abstract class AttributeTopic extends StorageTopic {
  private static final Map<String, String> ATTRIBUTES =
      Map.of("kernel-id", "wave \u00fc 3d", "step", "100", "empty", "");

  AttributeTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void keepsAttributesIfItCan() {
    Map<String, String> kept = can(StorageCapability.ATTRIBUTES) ? ATTRIBUTES : Map.of();
    StoredObject saved =
        save("a", bytes(1, 10), SaveOptions.onlyIfAbsent().withAttributes(ATTRIBUTES));
    assertThat(saved.attributes()).isEqualTo(kept);
    assertThat(stat("a").attributes()).isEqualTo(kept);
    ObjectRead read = await(storage().read("a", Range.all(), null), ObjectRead.class);
    assertThat(read.object().attributes()).isEqualTo(kept);
  }

  @Test
  void listsAttributesIfItCan() {
    save("a", bytes(1, 10), SaveOptions.replace().withAttributes(ATTRIBUTES));
    List<StoredObject> listed =
        Objects.requireNonNull(storage().list("").collectList().block(Patience.LIMIT));
    assertThat(listed)
        .singleElement()
        .satisfies(
            object ->
                assertThat(object.attributes())
                    .isEqualTo(can(StorageCapability.LISTS_ATTRIBUTES) ? ATTRIBUTES : Map.of()));
  }

  @Test
  void replacesAttributesWithTheObject() {
    StoredObject first = save("a", bytes(1, 10), SaveOptions.replace().withAttributes(ATTRIBUTES));
    save("a", bytes(2, 10), SaveOptions.onlyIfVersion(first.version()));
    assertThat(stat("a").attributes()).isEmpty();
  }

  @Test
  void declaresCapabilitiesThatGoTogether() {
    if (can(StorageCapability.LISTS_ATTRIBUTES)) {
      assertThat(can(StorageCapability.ATTRIBUTES)).isTrue();
    }
    assertThat(storage().capabilities()).isEqualTo(storage().capabilities());
  }
}
