package io.ringkernel.checkpoint.format.v2;

import static io.ringkernel.checkpoint.format.v2.ReaderFixture.corruption;
import static io.ringkernel.checkpoint.format.v2.ReaderFixture.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.ChunkType;
import io.ringkernel.checkpoint.error.LimitExceededException;
import io.ringkernel.checkpoint.format.Ancestor;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** Every rule of directory and pages, each broken alone, under checksums that are right. */
class IndexRejectionTest {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  /** Of the one entry in the directory, behind the chunk count. */
  private static final int ENTRY = 4;

  @RegisterExtension final ReaderFixture fixture = new ReaderFixture();

  private static FileBuilder valid() {
    return new FileBuilder().region("state", Bytes.random(BLOCK + 10, 1));
  }

  private Mono<CheckpointFile> open(byte[] bytes, DecodeOptions options) {
    return Version2Reader.open(ChunkContent.of(bytes), options, fixture.workbench);
  }

  private static Arguments rule(String reason, Consumer<FileBuilder> broken) {
    return Arguments.of(reason, broken);
  }

  static List<Arguments> directoryRules() {
    List<Arguments> rules = new ArrayList<>();
    rules.add(
        rule("chunk count 4 is above", b -> b.directoryBytes = Payload.poke(d -> d.putInt(0, 4))));
    rules.add(
        rule(
            "chunk count 4294967295 is above",
            b -> b.directoryBytes = Payload.poke(d -> d.putInt(0, -1))));
    rules.add(rule("ancestor count", b -> b.directoryBytes = Payload.poke(d -> d.putInt(0, 0))));
    rules.add(
        rule(
            "occurrence is 1", b -> b.directoryBytes = Payload.poke(d -> d.putInt(ENTRY + 12, 1))));
    rules.add(
        rule(
            "filter is unknown",
            b -> b.directoryBytes = Payload.poke(d -> d.put(ENTRY + 20, (byte) 1))));
    rules.add(
        rule(
            "fingerprint algorithm 3 is unknown",
            b -> b.directoryBytes = Payload.poke(d -> d.put(ENTRY + 21, (byte) 3))));
    for (int bit = 2; bit < 8; bit++) {
      int bits = 1 | 1 << bit;
      rules.add(
          rule(
              "reserved bits are set",
              b -> b.directoryBytes = Payload.poke(d -> d.put(ENTRY + 22, (byte) bits))));
    }
    rules.add(
        rule(
            "reserved byte",
            b -> b.directoryBytes = Payload.poke(d -> d.put(ENTRY + 23, (byte) 1))));
    rules.add(
        rule(
            "page count is 1, the size asks for 2",
            b -> b.directoryBytes = Payload.poke(d -> d.putLong(ENTRY + 24, (4096L * BLOCK) + 1))));
    rules.add(
        rule(
            "can't be numbered",
            b ->
                b.directoryBytes =
                    Payload.poke(d -> d.putLong(ENTRY + 24, ((long) BLOCK << 32) + 1))));
    for (long stored : new long[] {-1, Long.MIN_VALUE, 1 << 20}) {
      rules.add(
          rule(
              "more bytes are stored than there are",
              b -> b.directoryBytes = Payload.poke(d -> d.putLong(ENTRY + 32, stored))));
    }
    rules.add(
        rule(
            "chunk name length",
            b -> b.directoryBytes = Payload.poke(d -> d.putInt(ENTRY + 40, -1))));
    rules.add(
        rule(
            "chunk name is not UTF-8",
            b -> b.directoryBytes = Payload.poke(d -> d.put(ENTRY + 44, (byte) 0xFF))));
    int pages = ENTRY + 44 + 5;
    rules.add(rule("page count", b -> b.directoryBytes = Payload.poke(d -> d.putInt(pages, -1))));
    for (long position : new long[] {0, 63, -1, Long.MAX_VALUE, 1 << 20}) {
      rules.add(
          rule(
              "an index page is not within the file",
              b -> b.directoryBytes = Payload.poke(d -> d.putLong(pages + 4, position))));
    }
    for (int length : new int[] {-1, Layout.MAX_PAGE_LENGTH + 1}) {
      rules.add(
          rule(
              "page length",
              b -> b.directoryBytes = Payload.poke(d -> d.putInt(pages + 12, length))));
    }
    rules.add(
        rule(
            "an index page is not within the file",
            b -> b.directoryBytes = Payload.poke(d -> d.putInt(pages + 12, 300_000))));
    int ancestors = pages + 4 + 44;
    rules.add(
        rule("ancestor count", b -> b.directoryBytes = Payload.poke(d -> d.putInt(ancestors, 1))));
    rules.add(
        rule(
            "ancestor 00000000000000000000000000000000 is there twice",
            b -> {
              Ancestor one = new Ancestor(ObjectId.of(new byte[16]), RootHash.of(new byte[32]));
              b.ancestors.addAll(List.of(one, one));
            }));
    rules.add(
        rule(
            "an index page is not within the file",
            b ->
                b.directoryBytes =
                    Payload.poke(d -> d.putLong(pages + 4, d.getLong(pages + 4) + 1))));
    for (long[] zeroAndAncestor : new long[][] {{3, 0}, {0, 3}, {1, 2}, {2, 1}}) {
      rules.add(
          rule(
              "the totals are not those",
              b ->
                  b.directoryBytes =
                      Payload.poke(
                          d ->
                              d.putLong(ancestors + 4 + 24, zeroAndAncestor[0])
                                  .putLong(ancestors + 4 + 32, zeroAndAncestor[1]))));
    }
    for (int total = 0; total < 5; total++) {
      int at = ancestors + 4 + 8 * total;
      rules.add(
          rule(
              "the totals are not those",
              b -> b.directoryBytes = Payload.poke(d -> d.putLong(at, -1))));
    }
    rules.add(rule("1 bytes too many after", b -> b.directoryBytes = Payload.append((byte) 0)));
    return rules;
  }

  static List<Arguments> pageRules() {
    List<Arguments> rules = new ArrayList<>();
    for (int field = 0; field < 3; field++) {
      int at = field;
      rules.add(
          rule(
              "not the one the directory means",
              b -> b.pageBytes = Payload.poke(p -> p.put(at, (byte) 3))));
    }
    rules.add(
        rule("more runs than blocks", b -> b.pageBytes = Payload.poke(p -> p.put(3, (byte) 3))));
    rules.add(
        rule(
            "the runs describe 0 blocks",
            b -> b.pageBytes = Payload.poke(p -> p.put(3, (byte) 0))));
    rules.add(
        rule("run kind 5 is unknown", b -> b.pageBytes = Payload.poke(p -> p.put(4, (byte) 5))));
    rules.add(
        rule("run length 3 is above 2", b -> b.pageBytes = Payload.poke(p -> p.put(5, (byte) 3))));
    rules.add(rule("a run is empty", b -> b.pageBytes = Payload.poke(p -> p.put(5, (byte) 0))));
    rules.add(
        rule("the runs describe 1", b -> b.pageBytes = Payload.poke(p -> p.put(5, (byte) 1))));
    rules.add(rule("lists none", b -> b.pageBytes = Payload.poke(p -> p.put(4, (byte) 3))));
    rules.add(
        rule(
            "codec 0",
            b ->
                b.pageBytes =
                    Payload.poke(p -> p.put(4, (byte) 2).put(5, (byte) 1).put(8, (byte) 0))));
    rules.add(
        rule("not within its file", b -> b.pageBytes = Payload.poke(p -> p.put(6, (byte) 0x81))));
    rules.add(rule("a compressed block is empty", b -> b.location = l -> compressedTo(l, 0)));
    rules.add(
        rule(
            "stored length 4096 is above 4095",
            b -> b.location = l -> compressedTo(l, l.storedLength())));
    rules.add(rule("not within its file", b -> b.location = l -> moved(l, 63)));
    rules.add(rule("not within its file", b -> b.location = l -> moved(l, 1L << 62)));
    rules.add(rule("not within its file", b -> b.location = l -> moved(l, Long.MIN_VALUE)));
    rules.add(
        rule(
            "shortest form",
            b -> b.pageBytes = Payload.poke(p -> p.put(0, (byte) 0x80).put(1, (byte) 0))));
    rules.add(
        rule(
            "fingerprint needs 16 bytes, 15 are left",
            b -> b.pageBytes = p -> p.slice(0, p.remaining() - 1)));
    rules.add(rule("1 bytes too many after", b -> b.pageBytes = Payload.append((byte) 0)));
    rules.add(
        rule(
            "the local header of index page 0",
            b ->
                b.localHeader =
                    l ->
                        l.chunk() == Layout.PAGE_SECTION
                            ? new LocalHeader(l.chunk(), 1, l.storedLength(), 0)
                            : l));
    return rules;
  }

  private static BlockLocation compressedTo(BlockLocation l, int length) {
    return new BlockLocation(
        BlockLocation.Kind.COMPRESSED, l.ancestor(), l.position(), length, RunLengthCodec.CODE, 0);
  }

  private static BlockLocation moved(BlockLocation l, long position) {
    return new BlockLocation(
        l.kind(), l.ancestor(), position, l.storedLength(), l.codec(), l.crc32());
  }

  @ParameterizedTest
  @MethodSource("directoryRules")
  void refusesABrokenDirectoryWhenOpening(String reason, Consumer<FileBuilder> broken) {
    FileBuilder builder = valid();
    broken.accept(builder);
    byte[] bytes = builder.build();
    assertThat(corruption(open(bytes, DecodeOptions.defaults())))
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.offset()).isBetween(0L, (long) bytes.length));
  }

  @ParameterizedTest
  @CsvSource({
    "12, occurrence",
    "20, filter",
    "21, fingerprint algorithm",
    "22, reserved bits",
    "23, reserved byte",
    "32, more bytes are stored",
    "61, page length"
  })
  void saysWhereTheDirectoryIsBroken(int at, String reason) {
    FileBuilder builder = valid();
    builder.directoryBytes = Payload.poke(d -> d.putInt(ENTRY + at, -1));
    AtomicLong expected = new AtomicLong();
    builder.trailer =
        t -> {
          expected.set(t.directoryPosition() + Layout.LOCAL_HEADER_SIZE + ENTRY + at);
          return t;
        };

    assertThat(corruption(open(builder.build(), DecodeOptions.defaults())))
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.offset()).isEqualTo(expected.get()));
  }

  @Test
  void refusesStoredSizesThatAreOnlyTogetherTooLarge() {
    FileBuilder builder = valid().region("more", Bytes.random(BLOCK, 2));
    int second = ENTRY + 44 + 5 + 4 + 44;
    builder.directoryBytes =
        Payload.poke(d -> d.putLong(second + 32, d.getLong(second + 32) + 1000));
    assertThat(corruption(open(builder.build(), DecodeOptions.defaults())))
        .hasMessageContaining("more bytes are stored than there are");
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "0, 1"})
  void refusesTotalsThatAreNotThoseOfThePages(long zero, long ofAncestors) {
    FileBuilder builder = valid();
    int totals = ENTRY + 44 + 5 + 4 + 44 + 4;
    builder.directoryBytes =
        Payload.poke(d -> d.putLong(totals + 24, zero).putLong(totals + 32, ofAncestors));
    CheckpointFile file = fixture.open(builder.build());
    assertThat(corruption(file.verifyIndex())).hasMessageContaining("the sums in the directory");
  }

  @ParameterizedTest
  @MethodSource("pageRules")
  void refusesABrokenPageWhenItIsRead(String reason, Consumer<FileBuilder> broken) {
    FileBuilder builder = valid();
    broken.accept(builder);
    byte[] bytes = builder.build();
    CheckpointFile file = fixture.open(bytes);
    assertThat(corruption(file.locate(0, 0)))
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.offset()).isBetween(0L, (long) bytes.length));
    assertThat(corruption(file.verifyIndex())).hasMessageContaining(reason);
    assertThat(corruption(file.chunks().get(0).chunk().content().read(0, ByteBuffer.allocate(1))))
        .hasMessageContaining(reason);
  }

  @Test
  void aBlockEndsWhereTheDirectoryBeginsAtTheLatest() {
    AtomicLong directory = new AtomicLong();
    byte[] found = shortBlockEndingAt(4310, directory);
    assertThat(failure(fixture.open(found).locate(0, 1))).isNull();

    byte[] last = shortBlockEndingAt(directory.get(), directory);
    assertThat(failure(fixture.open(last).locate(0, 1))).isNull();

    byte[] tooFar = shortBlockEndingAt(directory.get() + 1, directory);
    assertThat(corruption(fixture.open(tooFar).locate(0, 1)))
        .hasMessageContaining("not within its file");
  }

  /** A file whose index says so of its second block, whatever is there. */
  private static byte[] shortBlockEndingAt(long end, AtomicLong directoryPosition) {
    FileBuilder builder = valid();
    builder.location = l -> l.storedLength() < BLOCK ? moved(l, end - l.storedLength() - 16) : l;
    builder.trailer =
        t -> {
          directoryPosition.set(t.directoryPosition());
          return t;
        };
    return builder.build();
  }

  @Test
  void refusesAHashThatIsNotThePages() {
    FileBuilder builder = valid();
    builder.directory =
        d -> {
          Directory.Entry e = d.chunks().get(0);
          Directory.PageRef ref = e.pages().get(0);
          Directory.PageRef other =
              new Directory.PageRef(ref.position(), ref.length(), "00".repeat(32));
          return new Directory(
              List.of(
                  new Directory.Entry(
                      e.type(),
                      e.id(),
                      0,
                      0,
                      e.name(),
                      e.algorithm(),
                      false,
                      e.size(),
                      e.stored(),
                      List.of(other))),
              d.ancestors(),
              d.totals());
        };
    assertThat(corruption(fixture.open(builder.build()).verifyIndex()))
        .hasMessageContaining("SHA-256 of index page 0");
  }

  @Test
  void holdsTheLimitOnPagesAndFingerprints() {
    byte[] bytes = new FileBuilder().region("state", Bytes.random(100 * BLOCK, 1)).build();
    CheckpointFile file =
        fixture.open(ChunkContent.of(bytes), DecodeOptions.builder().maxIndexLength(400).build());
    assertThat(failure(file.verifyIndex()))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("index page length");
    assertThat(failure(file.chunks().get(0).chunk().fingerprints()))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("fingerprints");
  }

  @Test
  void keepsTwoChunksOfOneIdentity() {
    byte[] bytes =
        new FileBuilder()
            .chunk(ChunkType.CUSTOM, 5, new byte[] {1})
            .chunk(ChunkType.CUSTOM, 5, new byte[] {2})
            .build();
    CheckpointFile file = fixture.open(bytes);
    assertThat(file.chunks()).extracting("occurrence").containsExactly(0, 1);
    assertThat(ReaderFixture.read(file.chunks().get(1).chunk())).containsExactly(2);
  }
}
