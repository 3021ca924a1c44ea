package io.ringkernel.checkpoint.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.tck.DeterministicBytes;
import io.ringkernel.checkpoint.tck.Patience;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What each call costs in requests, as docs/storage-s3.md tells. */
class RequestCountTest {
  private static final byte[] SMALL = DeterministicBytes.array(1, 40_000);

  /** Five parts of 64 KiB. */
  private static final byte[] LARGE = DeterministicBytes.array(2, 300_000);

  private final StoreUnderTest store = new StoreUnderTest();

  @AfterEach
  void close() {
    store.close();
  }

  private Map<S3Operation, Integer> counts() {
    return store.server().faults().takeCounts();
  }

  @Test
  void savesInOneRequestAndALook() {
    store.save("a", SMALL, SaveOptions.replace());
    assertThat(counts()).isEqualTo(Map.of(S3Operation.PUT, 1, S3Operation.HEAD, 1));
    store.save("b", SMALL, SaveOptions.onlyIfAbsent());
    assertThat(counts()).isEqualTo(Map.of(S3Operation.PUT, 1, S3Operation.HEAD, 1));
  }

  @Test
  void looksAtAnExpectedVersionOnceMore() {
    store.save("a", SMALL, SaveOptions.replace());
    counts();
    store.save("a", LARGE.clone(), SaveOptions.onlyIfVersion(store.savedVersion()));
    assertThat(counts()).containsEntry(S3Operation.HEAD, 3);
    store.save("a", SMALL, SaveOptions.onlyIfVersion(store.savedVersion()));
    assertThat(counts()).isEqualTo(Map.of(S3Operation.PUT, 1, S3Operation.HEAD, 2));
  }

  @Test
  void writesTheSameBytesOverThemselvesAsAnUpload() {
    store.save("a", SMALL, SaveOptions.replace());
    counts();
    store.save("a", SMALL, SaveOptions.onlyIfVersion(store.savedVersion()));
    assertThat(counts()).containsEntry(S3Operation.COMPLETE, 1).doesNotContainKey(S3Operation.PUT);
    store.save("a", SMALL, SaveOptions.onlyIfVersion(store.savedVersion()));
    assertThat(counts()).containsEntry(S3Operation.PUT, 1);
  }

  @Test
  void savesALargeObjectInItsParts() {
    store.save("a", LARGE, SaveOptions.replace());
    assertThat(counts())
        .isEqualTo(
            Map.of(
                S3Operation.CREATE,
                1,
                S3Operation.PART,
                5,
                S3Operation.COMPLETE,
                1,
                S3Operation.HEAD,
                1));
  }

  @Test
  void readsShortRangesInOneRequest() {
    store.save("a", LARGE, SaveOptions.replace());
    counts();
    store.reading("a", Range.of(1_000, 256 << 10)).block(Patience.LIMIT);
    assertThat(counts()).isEqualTo(Map.of(S3Operation.GET, 1));
    store.reading("a", Range.suffix(1_000)).block(Patience.LIMIT);
    assertThat(counts()).isEqualTo(Map.of(S3Operation.GET, 1));
  }

  @Test
  void readsLongRangesInTwoRequestsAndWholeObjectsInThree() {
    store.save("a", LARGE, SaveOptions.replace());
    counts();
    store.reading("a", Range.of(1, 299_000)).block(Patience.LIMIT);
    assertThat(counts()).isEqualTo(Map.of(S3Operation.GET, 2));
    store.read("a");
    assertThat(counts()).isEqualTo(Map.of(S3Operation.GET, 2, S3Operation.HEAD, 1));
  }

  @Test
  void listsAndDeletesWithALookAtEachObject() {
    for (int i = 0; i < 5; i++) {
      store.save("a" + i, SMALL, SaveOptions.replace());
    }
    store.server().bucket().limit(S3Server.SMALL_PART, 3);
    counts();
    store.names();
    assertThat(counts()).isEqualTo(Map.of(S3Operation.LIST, 2, S3Operation.HEAD, 5));
    store.storage().delete("a1").block(Patience.LIMIT);
    assertThat(counts()).isEqualTo(Map.of(S3Operation.DELETE, 1, S3Operation.HEAD, 1));
    store.storage().delete("none").block(Patience.LIMIT);
    assertThat(counts()).isEqualTo(Map.of(S3Operation.HEAD, 1));
  }
}
