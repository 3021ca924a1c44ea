package io.ringkernel.checkpoint.format.v2;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.format.BlockLocation;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import reactor.core.scheduler.Schedulers;

/** One region whose first page stands before the blocks of its second. */
final class SpilledFile {
  private static final int BLOCK = FileBuilder.BLOCK_SIZE;

  private SpilledFile() {}

  static byte[] build(byte[] content) {
    byte[] plain = new FileBuilder().region("state", content).build();
    Outline outline = outline(plain);
    Directory.Entry entry = outline.directory().chunks().get(0);
    Directory.PageRef first = entry.pages().get(0);
    Directory.PageRef second = entry.pages().get(1);
    int start = (int) outline.firstSection();
    int split = start + Layout.BLOCKS_PER_PAGE * (BLOCK + Layout.LOCAL_HEADER_SIZE);
    int firstSize = Layout.LOCAL_HEADER_SIZE + first.length();
    IndexPage page = page(plain, outline, second, 1);
    List<BlockLocation> moved =
        page.locations().stream()
            .map(
                b ->
                    new BlockLocation(
                        b.kind(), b.ancestor(), b.position() + firstSize, b.storedLength(), 0, 0))
            .toList();
    ByteBuffer movedPage = new IndexPage(0, page.firstBlock(), moved, page.fingerprints()).encode();
    byte[] pageBytes = new byte[movedPage.remaining()];
    movedPage.get(pageBytes);
    byte[] head = Arrays.copyOf(plain, start);
    byte[] body =
        Bytes.join(
            Arrays.copyOfRange(plain, start, split),
            Arrays.copyOfRange(plain, (int) first.position(), (int) first.position() + firstSize),
            Arrays.copyOfRange(plain, split, (int) first.position()),
            bytes(new LocalHeader(Layout.PAGE_SECTION, 1, pageBytes.length, 0).encode()),
            pageBytes);
    List<Directory.PageRef> refs =
        List.of(
            new Directory.PageRef(split, first.length(), first.sha256()),
            new Directory.PageRef(
                start + body.length - pageBytes.length - Layout.LOCAL_HEADER_SIZE,
                pageBytes.length,
                FileBuilder.sha256(ByteBuffer.wrap(pageBytes))));
    Directory directory =
        new Directory(
            List.of(
                new Directory.Entry(
                    entry.type(),
                    entry.id(),
                    0,
                    0,
                    entry.name(),
                    entry.algorithm(),
                    false,
                    entry.size(),
                    entry.stored(),
                    refs)),
            List.of(),
            outline.directory().totals());
    byte[] payload = bytes(directory.encode());
    Trailer trailer =
        Trailer.of(
            ByteBuffer.wrap(head, 0, Layout.HEADER_SIZE),
            ByteBuffer.wrap(head, Layout.HEADER_SIZE, start - Layout.HEADER_SIZE),
            ByteBuffer.wrap(payload),
            start + body.length);
    return Bytes.join(
        head,
        body,
        bytes(new LocalHeader(Layout.DIRECTORY_SECTION, 0, payload.length, 0).encode()),
        payload,
        bytes(trailer.encode()));
  }

  private static Outline outline(byte[] file) {
    return new OutlineReader(
            ChunkContent.of(file), DecodeOptions.defaults(), Schedulers.immediate())
        .read()
        .block();
  }

  private static IndexPage page(byte[] file, Outline outline, Directory.PageRef ref, int number) {
    long at = ref.position() + Layout.LOCAL_HEADER_SIZE;
    return new IndexPageDecoder(
            ByteBuffer.wrap(file, (int) at, ref.length()),
            at,
            BLOCK,
            outline.directory(),
            0,
            outline.directoryPosition())
        .decode(number);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
