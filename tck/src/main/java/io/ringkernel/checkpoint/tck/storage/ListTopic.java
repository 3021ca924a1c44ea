package io.ringkernel.checkpoint.tck.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.error.InvalidNameException;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Listing: by prefix, in the order of UTF-8, page by page. */
abstract class ListTopic extends StorageTopic {
  /** More than a page of any backend we know of. */
  private static final int MANY = 1_100;

  private static final Comparator<String> UTF8 =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  ListTopic(StorageContract backend) {
    super(backend);
  }

  @Test
  void listsNothingWhereNothingIs() {
    assertThat(names("")).isEmpty();
    assertThat(names("sim/")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'', a:a/b:sim-2:sim/step-1:sim/step-10:sim/step-2:sim/sub/x",
    "a, a:a/b",
    "a/, a/b",
    "sim, sim-2:sim/step-1:sim/step-10:sim/step-2:sim/sub/x",
    "sim/, sim/step-1:sim/step-10:sim/step-2:sim/sub/x",
    "sim/s, sim/step-1:sim/step-10:sim/step-2:sim/sub/x",
    "sim/step-1, sim/step-1:sim/step-10",
    "sim/sub/x, sim/sub/x",
    "sim/sub/x/, ''",
    "simulation, ''",
    "no/such/place, ''"
  })
  void listsNamesByAnyBeginning(String prefix, String expected) {
    List<String> saved =
        listable(
            List.of("sim/step-2", "a/b", "sim/step-10", "a", "sim/sub/x", "sim/step-1", "sim-2"));
    saveAll(saved);
    assertThat(names(prefix))
        .isEqualTo(Stream.of(expected.split(":", -1)).filter(saved::contains).toList());
  }

  @Test
  void ordersByTheBytesOfUtf8() {
    List<String> names =
        listable(
            List.of(
                "C",
                "a!",
                "a",
                "a-b",
                "a.b",
                "a/b",
                "a/b-c",
                "a/b/c",
                "a0",
                "b",
                "\u00e9",
                "\uff21",
                "\ud83d\ude00",
                "z"));
    List<String> shuffled = new ArrayList<>(names);
    Collections.shuffle(shuffled, new Random(1));
    saveAll(shuffled);
    assertThat(names("")).isEqualTo(names.stream().sorted(UTF8).toList());
  }

  @Test
  void tellsOfAListedObjectWhatStatTells() {
    save("sim/a", bytes(1, 1234));
    save("sim/b", bytes(2, 0));
    List<StoredObject> listed = storage().list("sim/").collectList().block(Patience.LIMIT);
    assertThat(listed).containsExactly(stat("sim/a"), stat("sim/b"));
  }

  @Test
  void listsManyAndGoesOnAsDemanded() {
    List<String> names =
        IntStream.range(0, MANY)
            .mapToObj(i -> (i % 3 == 0 ? "left/" : "right/") + "n" + i)
            .sorted(UTF8)
            .toList();
    saveAll(names);
    assertThat(names("")).isEqualTo(names);
    assertThat(names("left/n9"))
        .isEqualTo(names.stream().filter(name -> name.startsWith("left/n9")).toList());
    StepVerifier.create(storage().list("").map(StoredObject::name), 0)
        .thenRequest(1)
        .expectNext(names.get(0))
        .thenRequest(3)
        .expectNext(names.get(1), names.get(2), names.get(3))
        .expectNoEvent(Duration.ofMillis(5))
        .thenCancel()
        .verify(Patience.LIMIT);
    showsOnceWhatStaysWhileOthersComeAndGo(names);
  }

  private void showsOnceWhatStaysWhileOthersComeAndGo(List<String> names) {
    List<String> going = names.stream().filter(name -> name.endsWith("7")).limit(20).toList();
    List<String> seen = new ArrayList<>();
    storage()
        .list("")
        .map(StoredObject::name)
        .publishOn(Schedulers.boundedElastic(), 16)
        .doOnNext(
            name -> {
              int number = seen.size();
              seen.add(name);
              if (number < going.size()) {
                await(storage().delete(going.get(number)));
                save("right/coming" + number, new byte[1]);
              }
            })
        .blockLast(Patience.LIMIT);
    assertThat(seen).doesNotHaveDuplicates();
    List<String> staying = new ArrayList<>(names);
    staying.removeAll(going);
    assertThat(seen).containsSubsequence(staying);
  }

  @Test
  void seesAtOnceWhatWasSavedAndDeleted() {
    Flux<String> listing = storage().list("").map(StoredObject::name);
    save("a", new byte[1]);
    save("b", new byte[1]);
    assertThat(listing.collectList().block(Patience.LIMIT)).containsExactly("a", "b");
    await(storage().delete("a"));
    assertThat(listing.collectList().block(Patience.LIMIT)).containsExactly("b");
  }

  @Test
  void givesUpWhatItOpenedWhenCancelled() {
    saveAll(List.of("a", "b", "c/d", "c/e"));
    assertThat(storage().list("").take(1).blockLast(Patience.LIMIT)).isNotNull();
    Patience.until("the listing is closed", () -> openHandles() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "a//", "../", "a/../", "./b", "a\u0000", "\ud800"})
  void refusesABeginningThatNoNameHas(String prefix) {
    assertThat(failureOf(storage().list(prefix).collectList()))
        .isInstanceOf(InvalidNameException.class);
  }

  @Test
  void listsNothingForABeginningThatNoNameHereHas() {
    saveAll(List.of("a", "b/c"));
    for (String prefix : List.of("..", ".", "...", "~", "%", "a\\", "b/..", "b/c/.", "c:")) {
      assertThat(names(prefix)).as(prefix).isEmpty();
    }
  }

  /** Several at once: a thousand one after the other would take long. */
  private void saveAll(List<String> names) {
    Flux.fromIterable(names)
        .flatMap(name -> saving(name, bytes(name.hashCode(), 3), SaveOptions.replace()), 16)
        .blockLast(Patience.LIMIT.multipliedBy(4));
  }
}
