package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.Stretch;
import io.ringkernel.checkpoint.error.AlreadyExistsException;
import io.ringkernel.checkpoint.error.ChangedMeanwhileException;
import io.ringkernel.checkpoint.error.CheckpointNotFoundException;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

/** Files, directories and links that somebody else put into a store. */
class ForeignFilesTest {
  @TempDir Path place;
  private Path root;
  private StoreUnderTest store;

  @BeforeEach
  void open() throws IOException {
    root = Files.createDirectories(place.resolve("store"));
    store = new StoreUnderTest(root);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Path put(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void findsWhatTheReferenceWrote() throws IOException {
    put("wave-100.rkcp", "one");
    put("runs/7/wave-200.rkcp", "two");
    put("runs/7/notes.txt", "no checkpoint");
    assertThat(store.names("")).containsExactly("runs/7/wave-200", "wave-100");
    assertThat(store.names("runs/7/w")).containsExactly("runs/7/wave-200");
    assertThat(store.text("runs/7/wave-200")).isEqualTo("two");
    assertThat(store.stat("wave-100").size()).isEqualTo(3);
    store.save("wave-100", "three", SaveOptions.onlyIfVersion(store.stat("wave-100").version()));
    assertThat(root.resolve("wave-100.rkcp")).hasContent("three");
  }

  @Test
  void passesOverFilesThatAreNotCalledLikeObjects() throws IOException {
    for (String name :
        List.of("x", "ab.c", "data", "notes1", "README.txt", ".rkcp", "rkcp", "runs/y")) {
      put(name, "none of ours");
    }
    put("runs/wave.rkcp", "one");
    assertThat(store.names("")).containsExactly("runs/wave");
    assertThat(store.names("runs/")).containsExactly("runs/wave");
  }

  @Test
  void callsFilesByTheirOwnNamesWhereTheyAreNotOurs() throws IOException {
    List<String> names = List.of("a%zz", "b%41", "con", "d:e", "f:g/h?i", "x.rkcp/y");
    for (String name : names) {
      put(name + ".rkcp", name);
    }
    assertThat(store.names("")).isEqualTo(names);
    for (String name : names) {
      assertThat(store.text(name)).isEqualTo(name);
      assertThat(store.names(name)).contains(name);
      assertThat(catchThrowable(() -> store.save(name, "new", SaveOptions.onlyIfAbsent())))
          .isInstanceOf(AlreadyExistsException.class);
      store.save(name, "new " + name, SaveOptions.replace());
      assertThat(root.resolve(name + ".rkcp")).hasContent("new " + name);
      assertThat(store.delete(name)).isTrue();
    }
    assertThat(store.names("")).isEmpty();
  }

  @Test
  void givesOursPrecedenceOverAnothersFileOfTheSameName() throws IOException {
    put("a:b.rkcp", "theirs");
    put("a%3Ab.rkcp", "ours");
    assertThat(store.names("")).containsExactly("a:b");
    assertThat(store.text("a:b")).isEqualTo("ours");
    assertThat(store.stat("a:b").size()).isEqualTo(4);
  }

  @Test
  void listsOneOfTwoFilesThatAreCalledTheSameAndFindsThatOne() throws IOException {
    List<String> names = List.of("a%FF", "b%FF", "c%FF", "d%FF", "e%FF", "f%FF", "g%FF", "h%FF");
    for (String name : names) {
      put(name + ".rkcp", "text");
      Files.writeString(FilePaths.resolve(root, name.charAt(0) + "\u00ff.rkcp"), "no text");
    }
    assertThat(store.names("")).isEqualTo(names);
    assertThat(store.storage().list("").map(StoredObject::size).collectList().block(Patience.LIMIT))
        .containsOnly(4L);
    assertThat(store.text("a%FF")).isEqualTo("text");
  }

  @Test
  void reachesFileNamesThatAreNoText() throws IOException {
    Path odd = FilePaths.resolve(root, "a\u00ff\n.rkcp");
    Files.writeString(odd, "odd");
    assertThat(store.names("")).containsExactly("a%FF%0A");
    assertThat(store.text("a%FF%0A")).isEqualTo("odd");
    assertThat(store.delete("a%FF%0A")).isTrue();
    assertThat(odd).doesNotExist();
  }

  @Test
  void refusesANameThatDiffersByCaseFromAnothersFile() throws IOException {
    put("Wave.rkcp", "theirs");
    put("Runs/x.rkcp", "theirs");
    assertThat(catchThrowable(() -> store.save("wave", "ours", SaveOptions.replace())))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("Wave.rkcp");
    assertThat(catchThrowable(() -> store.save("runs/x", "ours", SaveOptions.replace())))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("Runs");
  }

  @Test
  void givesAFileThatIsOverwrittenInPlaceAnotherVersion() throws IOException {
    Path file = put("a.rkcp", "one");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    StoredObject first = store.stat("a");
    Files.writeString(file, "two");
    StoredObject second = store.stat("a");
    assertThat(second.version()).isNotEqualTo(first.version());
    assertThat(second.lastModified()).isAfter(first.lastModified());
  }

  @Test
  void followsNoLinkBelowTheRoot() throws IOException {
    Path outside = Files.createDirectories(place.resolve("outside"));
    Files.writeString(outside.resolve("secret.rkcp"), "secret");
    Files.createSymbolicLink(root.resolve("a.rkcp"), outside.resolve("secret.rkcp"));
    Files.createSymbolicLink(root.resolve("dir"), outside);
    Files.createSymbolicLink(root.resolve("dangling.rkcp"), outside.resolve("nothing"));
    assertThat(store.names("")).isEmpty();
    assertThat(store.names("dir/")).isEmpty();
    for (String name : List.of("a", "dir/secret", "dangling")) {
      assertThat(catchThrowable(() -> store.text(name)))
          .as(name)
          .isInstanceOf(CheckpointNotFoundException.class);
      assertThat(store.delete(name)).as(name).isFalse();
      assertThat(catchThrowable(() -> store.save(name, "new", SaveOptions.replace())))
          .as(name)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("link");
    }
    assertThat(outside.resolve("secret.rkcp")).hasContent("secret");
    try (var left = Files.list(outside)) {
      assertThat(left).hasSize(1);
    }
  }

  @Test
  void isOpenedThroughALinkToItsRoot() throws IOException {
    put("a.rkcp", "one");
    Path link = Files.createSymbolicLink(place.resolve("link"), root);
    try (StoreUnderTest linked = new StoreUnderTest(link)) {
      assertThat(linked.text("a")).isEqualTo("one");
      linked.save("b", "two", SaveOptions.onlyIfAbsent());
    }
    assertThat(store.text("b")).isEqualTo("two");
  }

  @Test
  void listsNoDirectoryOrDeviceThatIsCalledLikeAnObject() throws IOException {
    Files.createDirectories(root.resolve("a.rkcp"));
    assertThat(store.names("")).isEmpty();
    assertThat(catchThrowable(() -> store.text("a")))
        .isInstanceOf(CheckpointNotFoundException.class);
    assertThat(catchThrowable(() -> store.save("a", "new", SaveOptions.replace())))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("a.rkcp");
    store.save("a.rkcp/b", "in ours", SaveOptions.replace());
    assertThat(store.names("")).containsExactly("a.rkcp/b");
  }

  @Test
  void readsFarBeyondTwoGigabytes() throws IOException {
    long size = (5L << 30) + 3;
    try (FileChannel file =
        FileChannel.open(
            root.resolve("large.rkcp"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      file.write(ByteBuffer.wrap("end".getBytes(StandardCharsets.US_ASCII)), size - 3);
    }
    assertThat(store.stat("large").size()).isEqualTo(size);
    assertThat(store.text("large", Range.suffix(3))).isEqualTo("end");
    assertThat(store.text("large", Range.of(size - 2, 100))).isEqualTo("nd");
    assertThat(store.text("large", Range.of(3L << 30, 2))).isEqualTo("\0\0");
  }

  @Test
  void tellsOfAFileThatIsCutOffWhileItIsRead() throws IOException {
    Path file = put("a.rkcp", "x".repeat(4_000_000));
    ObjectRead read = store.storage().read("a", Range.all(), null).block(Patience.LIMIT);
    Flux<OwnedBuffer> bytes =
        read.bytes().doOnNext(OwnedBuffer::close).doOnNext(first -> cutOff(file));
    assertThat(catchThrowable(() -> bytes.blockLast(Patience.LIMIT)))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("a file of");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tellsOfAFileThatIsCutOffBetweenTwoStretches(boolean direct) throws IOException {
    Path file = put("a.rkcp", "x".repeat(100_000));
    List<Stretch> stretches =
        Stream.of(0, 50_000)
            .map(offset -> new Stretch(offset, List.of(memory(direct, 20_000))))
            .toList();
    Flux<Stretch> reading =
        store
            .storage()
            .readInto("a", store.stat("a").version(), stretches)
            .doOnNext(first -> cutOff(file));
    assertThat(catchThrowable(() -> reading.blockLast(Patience.LIMIT)))
        .isInstanceOf(ChangedMeanwhileException.class)
        .hasMessageContaining("a file of 50000 bytes");
  }

  private static ByteBuffer memory(boolean direct, int length) {
    return direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
  }

  private static void cutOff(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void skipsATreeThatIsDeeperThanNamesCanBe() throws IOException {
    put("d".repeat(200) + "/" + "e".repeat(200) + "/ok.rkcp", "ok");
    put(("f".repeat(200) + "/").repeat(5) + "lost.rkcp", "too deep");
    assertThat(store.names("")).hasSize(1).allMatch(name -> name.endsWith("ok"));
  }
}
