package io.ringkernel.checkpoint.core;

import static io.ringkernel.checkpoint.core.TestStates.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.OwnedBuffer;
import io.ringkernel.checkpoint.error.StorageException;
import io.ringkernel.checkpoint.storage.CheckpointStorage;
import io.ringkernel.checkpoint.storage.CheckpointStorages;
import io.ringkernel.checkpoint.storage.SaveOptions;
import io.ringkernel.checkpoint.storage.StoredObject;
import io.ringkernel.checkpoint.tck.fault.ForwardingStorage;
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A storage that loses the end of an object and takes that for a success. */
class LossyStorageTest {
  @RegisterExtension static final SharedCodec CODEC = new SharedCodec(1);

  private final Lossy storage = new Lossy(CheckpointStorages.open("memory:"));
  private final Checkpointer checkpointer = CODEC.on(storage);

  @AfterEach
  void close() {
    checkpointer.close().block(LONG);
    storage.close().block(LONG);
  }

  private void assertRefused(Mono<SaveReceipt> save, String message) {
    assertThatThrownBy(() -> save.block(LONG))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(message);
    assertThat(checkpointer.list("").count().block(LONG)).isZero();
  }

  @Test
  void noSaveIsCommittedOfWhichItKeptLess() {
    assertRefused(checkpointer.save("a", TestStates.of("fdtd", 1)), "bytes the storage kept");
  }

  @Test
  void noSaveIsCommittedOfWhichItLeftTheEndUnread() {
    storage.loss = content -> content.take(1);

    assertRefused(
        checkpointer.save("a", TestStates.of("fdtd", 1)), "did not read its content to the end");
  }

  @Test
  void noFileIsImportedOfWhichItKeptLess() {
    byte[] file = BareFiles.encoded(TestStates.of("fdtd", 1), 2);

    assertRefused(
        checkpointer.importFile(ChunkContent.of(file), SaveRequest.defaults().named("a")),
        "bytes the storage kept");
  }

  private static final class Lossy extends ForwardingStorage {
    private UnaryOperator<Flux<OwnedBuffer>> loss =
        content -> content.map(Lossy::withoutItsLastByte);

    Lossy(CheckpointStorage real) {
      super(real);
    }

    @Override
    public Mono<StoredObject> save(
        String name, Publisher<OwnedBuffer> content, SaveOptions options) {
      boolean loses = name.startsWith(StoreNames.OBJECTS);
      return super.save(name, loses ? loss.apply(Flux.from(content)) : content, options);
    }

    private static OwnedBuffer withoutItsLastByte(OwnedBuffer owned) {
      ByteBuffer bytes = owned.buffer();
      return OwnedBuffer.of(bytes.slice(bytes.position(), bytes.remaining() - 1), owned::close);
    }
  }
}
