package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.WriterFixture.bytes;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.checkpoint;
import static io.ringkernel.checkpoint.format.v2.WriterFixture.region;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.BlockFingerprints;
import io.ringkernel.checkpoint.ChangedBlocks;
import io.ringkernel.checkpoint.DataChunk;
import io.ringkernel.checkpoint.FingerprintAlgorithm;
import io.ringkernel.checkpoint.error.KernelException;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.BlockReferences;
import io.ringkernel.checkpoint.format.EncodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import io.ringkernel.checkpoint.format.wire.Fingerprinter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Blocks that other files hold, and what a kernel says of its own blocks. */
class Version2WriterDeltaTest {
  private static final int BLOCK = 4096;

  private final WriterFixture fixture = new WriterFixture(2);

  @AfterEach
  void nothingIsHeld() {
    fixture.assertNothingIsHeld();
    fixture.close();
  }

  /** Finds blocks by their fingerprint alone. */
  private static final class Known implements BlockReferences {
    final List<Ancestor> ancestors = new ArrayList<>();
    final Map<ByteBuffer, BlockLocation> locations = new HashMap<>();

    void add(byte[] state, int block, BlockLocation location) {
      locations.put(ByteBuffer.wrap(fingerprint(state, block)), location);
    }

    @Override
    public List<Ancestor> ancestors() {
      return ancestors;
    }

    @Override
    public @Nullable BlockLocation find(int chunk, long block, byte[] fingerprints, int at) {
      return locations.get(ByteBuffer.wrap(Arrays.copyOfRange(fingerprints, at, at + 16)));
    }
  }

  private static byte[] fingerprint(byte[] state, int block) {
    byte[] value = new byte[16];
    int from = block * BLOCK;
    Fingerprinter.of(FingerprintAlgorithm.XXH3_128)
        .hash(ByteBuffer.wrap(state, from, Math.min(BLOCK, state.length - from)), value, 0);
    return value;
  }

  private static BlockFingerprints fingerprints(byte[] state) {
    ByteBuffer values = ByteBuffer.allocate((int) Layout.blocks(state.length, BLOCK) * 16);
    for (int block = 0; values.hasRemaining(); block++) {
      values.put(fingerprint(state, block));
    }
    return BlockFingerprints.of(BLOCK, FingerprintAlgorithm.XXH3_128, values.array());
  }

  private static Ancestor ancestor(int number) {
    return new Ancestor(
        new ObjectId(String.format("%032x", number)), new RootHash(String.format("%064x", number)));
  }

  private static BlockLocation raw(int ancestor, long position) {
    return new BlockLocation(BlockLocation.Kind.RAW, ancestor, position, BLOCK, 0, 0);
  }

  private static EncodeOptions delta(BlockReferences references) {
    return EncodeOptions.builder().blockSize(BLOCK).references(references).build();
  }

  @Test
  void aBlockThatIsFoundIsReferredToAndNotStored() {
    byte[] state = Bytes.random(4 * BLOCK, 1);
    Known known = new Known();
    known.ancestors.add(ancestor(5));
    known.add(state, 1, raw(0, 1000));
    known.add(state, 2, new BlockLocation(BlockLocation.Kind.COMPRESSED, 0, 9000, 77, 2, 0xABCD));
    WrittenFile file = fixture.write(checkpoint(region("a", state)), delta(known));
    assertThat(file.blocks()).extracting(s -> s.header().number()).containsExactly(0, 3);
    assertThat(file.locations(0).subList(1, 3))
        .containsExactlyElementsOf(List.of(raw(0, 1000), known.locations.get(key(state, 2))));
    assertThat(file.fingerprint(0, 1)).isEqualTo(fingerprint(state, 1));
    assertThat(fixture.written.get().ancestorBlocks()).isEqualTo(2);
    assertThat(fixture.written.get().ancestors()).containsExactly(ancestor(5));
  }

  private static ByteBuffer key(byte[] state, int block) {
    return ByteBuffer.wrap(fingerprint(state, block));
  }

  @Test
  void onlyAncestorsThatAreUsedAreListedDensely() {
    byte[] state = Bytes.random(3 * BLOCK, 1);
    Known known = new Known();
    IntStream.range(0, 100_000).mapToObj(n -> ancestor(n)).forEach(known.ancestors::add);
    known.add(state, 0, raw(99_999, 1000));
    known.add(state, 1, raw(7, 1000));
    known.add(state, 2, raw(99_999, 1000 + Layout.LOCAL_HEADER_SIZE + BLOCK));
    WrittenFile file = fixture.write(checkpoint(region("a", state)), delta(known));
    assertThat(file.directory.ancestors()).containsExactly(ancestor(99_999), ancestor(7));
    assertThat(file.locations(0)).extracting(BlockLocation::ancestor).containsExactly(0, 1, 0);
  }

  @Test
  void anAncestorThatIsKnownTwiceIsListedOnce() {
    byte[] state = Bytes.random(2 * BLOCK, 1);
    Known known = new Known();
    known.ancestors.addAll(List.of(ancestor(3), ancestor(3)));
    known.add(state, 0, raw(0, 1000));
    known.add(state, 1, raw(1, 9000));
    WrittenFile file = fixture.write(checkpoint(region("a", state)), delta(known));
    assertThat(file.directory.ancestors()).containsExactly(ancestor(3));
  }

  @Test
  void refusesMoreAncestorsThanAFileCanList() {
    Known known = new Known();
    IntStream.rangeClosed(0, Layout.MAX_ANCESTORS)
        .mapToObj(number -> ancestor(number))
        .forEach(known.ancestors::add);
    AncestorNumbers numbers = new AncestorNumbers(known);
    for (int i = 0; i < Layout.MAX_ANCESTORS; i++) {
      assertThat(numbers.renumber(raw(i, 64)).ancestor()).isEqualTo(i);
    }
    assertThat(numbers.renumber(raw(17, 64)).ancestor()).isEqualTo(17);
    assertThatThrownBy(() -> numbers.renumber(raw(Layout.MAX_ANCESTORS, 64)))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("65536");
  }

  @Test
  void refusesALocationInTheFileThatIsBeingWritten() {
    byte[] state = Bytes.random(BLOCK, 1);
    Known known = new Known();
    known.add(state, 0, raw(BlockLocation.HERE, 1000));
    assertThatThrownBy(() -> fixture.write(checkpoint(region("a", state)), delta(known)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aBlockThatDidNotChangeIsNotRead() {
    byte[] base = Bytes.random(10 * BLOCK, 1);
    byte[] state = base.clone();
    state[4 * BLOCK] ^= 1;
    Known known = new Known();
    known.ancestors.add(ancestor(1));
    IntStream.range(0, 10).forEach(i -> known.add(base, i, raw(0, 100 + i * (BLOCK + 16L))));
    BitSet changed = new BitSet();
    changed.set(4);
    CountingContent content = new CountingContent(state);
    DataChunk chunk =
        DataChunk.region("a", content)
            .withFingerprints(Mono.just(fingerprints(state)))
            .withChangedBlocks(ChangedBlocks.of(BLOCK, changed));
    WrittenFile file = fixture.write(checkpoint(chunk), delta(known));
    assertThat(content.bytesRead).hasValue(BLOCK);
    assertThat(file.blocks()).singleElement().extracting(s -> s.header().number()).isEqualTo(4);
    assertThat(file.directory.chunks().get(0).fingerprintsFromKernel()).isTrue();
    assertThat(fixture.written.get().ancestorBlocks()).isEqualTo(9);
  }

  @Test
  void anUnchangedBlockThatNoFileHoldsIsReadAndStored() {
    byte[] state = Bytes.random(3 * BLOCK, 1);
    CountingContent content = new CountingContent(state);
    DataChunk chunk =
        DataChunk.region("a", content)
            .withFingerprints(Mono.just(fingerprints(state)))
            .withChangedBlocks(ChangedBlocks.of(BLOCK, new BitSet()));
    WrittenFile file = fixture.write(checkpoint(chunk), delta(new Known()));
    assertThat(file.raw(0)).isEqualTo(state);
    assertThat(content.bytesRead).hasValue(state.length);
  }

  @Test
  void aBlockThatWasZeroInTheBaseStaysZeroUnread() {
    byte[] state = new byte[2 * BLOCK];
    Known known = new Known();
    known.add(state, 0, BlockLocation.ZERO);
    CountingContent content = new CountingContent(state);
    DataChunk chunk =
        DataChunk.region("a", content).withFingerprints(Mono.just(fingerprints(state)));
    WrittenFile file = fixture.write(checkpoint(chunk), delta(known));
    assertThat(content.requests).hasValue(0);
    assertThat(file.raw(0)).isEqualTo(state);
    assertThat(fixture.written.get().zeroBlocks()).isEqualTo(2);
  }

  @Test
  void whatTheKernelKnowsOfOtherBlockSizesOrAlgorithmsIsNotUsed() {
    byte[] state = Bytes.random(2 * BLOCK, 1);
    BlockFingerprints wrong =
        BlockFingerprints.of(2 * BLOCK, FingerprintAlgorithm.XXH3_128, new byte[16]);
    BlockFingerprints other =
        BlockFingerprints.of(BLOCK, FingerprintAlgorithm.SHA_256, new byte[64]);
    for (BlockFingerprints brought : List.of(wrong, other)) {
      DataChunk chunk = region("a", state).withFingerprints(Mono.just(brought));
      WrittenFile file = fixture.write(checkpoint(chunk), delta(new Known()));
      assertThat(file.fingerprint(0, 1)).isEqualTo(fingerprint(state, 1));
      assertThat(file.directory.chunks().get(0).fingerprintsFromKernel()).isFalse();
    }
  }

  @Test
  void takesTheFingerprintsThatTheKernelBrings() {
    byte[] state = Bytes.random(2 * BLOCK, 1);
    byte[] values = Bytes.random(32, 2);
    BlockFingerprints brought = BlockFingerprints.of(BLOCK, FingerprintAlgorithm.XXH3_128, values);
    DataChunk chunk = region("a", state).withFingerprints(Mono.just(brought));
    WrittenFile file =
        fixture.write(checkpoint(chunk), EncodeOptions.builder().blockSize(BLOCK).build());
    assertThat(file.fingerprint(0, 0)).isEqualTo(Arrays.copyOf(values, 16));
    assertThat(file.directory.chunks().get(0).fingerprintsFromKernel()).isTrue();
  }

  @Test
  void refusesFingerprintsThatAreNotOneForEachBlock() {
    byte[] state = Bytes.random(2 * BLOCK, 1);
    DataChunk chunk =
        region("a", Bytes.random(3 * BLOCK, 1)).withFingerprints(Mono.just(fingerprints(state)));
    assertThatThrownBy(() -> bytes(fixture.encode(checkpoint(chunk), delta(new Known()))))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("2 fingerprints for its 3 blocks");
  }

  @Test
  void passesOnWhyAKernelCanNotBringItsFingerprints() {
    RuntimeException broken = new IllegalStateException("no device");
    DataChunk chunk = region("a", new byte[1]).withFingerprints(Mono.error(broken));
    assertThatThrownBy(() -> bytes(fixture.encode(checkpoint(chunk), delta(new Known()))))
        .isSameAs(broken);
  }
}
