package io.ringkernel.checkpoint.storage.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.storage.ObjectRead;
import io.ringkernel.checkpoint.storage.Range;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.Patience;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A store whose calls wait, and whose objects are short texts. */
final class StoreUnderTest implements AutoCloseable {
  private final FileStorage storage;

  StoreUnderTest(Path root) {
    this.storage = new FileStorage(root);
  }

  FileStorage storage() {
    return storage;
  }

  StoredObject save(String name, String text, SaveOptions options) {
    return storage.save(name, buffers(text), options).block(Patience.LIMIT);
  }

  static Flux<OwnedBuffer> buffers(String text) {
    return Flux.defer(
        () ->
            Flux.just(
                OwnedBuffer.unpooled(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)))));
  }

  StoredObject stat(String name) {
    return storage.stat(name).block(Patience.LIMIT);
  }

  String text(String name) {
    return text(name, Range.all());
  }

  String text(String name, Range range) {
    return storage.read(name, range, null).flatMap(StoreUnderTest::textOf).block(Patience.LIMIT);
  }

  static Mono<String> textOf(ObjectRead read) {
    return read.bytes()
        .collect(
            ByteArrayOutputStream::new,
            (all, owned) -> {
              try (owned) {
                byte[] bytes = new byte[owned.buffer().remaining()];
                owned.buffer().get(bytes);
                all.writeBytes(bytes);
              }
            })
        .map(all -> all.toString(StandardCharsets.ISO_8859_1));
  }

  List<String> names(String prefix) {
    return storage.list(prefix).map(StoredObject::name).collectList().block(Patience.LIMIT);
  }

  boolean delete(String name) {
    return Boolean.TRUE.equals(storage.delete(name).block(Patience.LIMIT));
  }

  @Override
  public void close() {
    storage.close().block(Patience.LIMIT);
    assertThat(storage.openBuffers()).as("pooled buffers that were not given back").isZero();
  }
}
