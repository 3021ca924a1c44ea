package io.ringkernel.checkpoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringkernel.checkpoint.cli.text.Quantity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code gc} tells a person beside what it removed. */
class CollectNotesTest {
  @TempDir Path directory;

  /** A record as a store of an earlier time has it. */
  private static void write(Path file, String text) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.US_ASCII));
    Files.createDirectories(file.getParent());
    Files.writeString(
        file, text + "crc32 " + HexFormat.of().toHexDigits((int) crc.getValue()) + "\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2199-01-01T00:00:00Z")));
  }

  @Test
  void tellsOfPinsAndTombstonesThatAreStampedInTheFuture() throws IOException {
    Path own = directory.resolve("store").resolve("%2Erkcp");
    String objects = "objects " + "0a".repeat(16) + "\n";
    write(
        own.resolve("pins").resolve("0b".repeat(16) + ".rkcp"),
        "rkcp-pin 1\nkernel-id wave\nlease-millis 120000\nrenewals 0\n" + objects);
    write(
        own.resolve("tombstones").resolve("0c".repeat(16) + ".rkcp"),
        "rkcp-tombstone 1\n" + objects);
    String store = Run.store(directory.resolve("store"));

    for (String dry : new String[] {"--dry-run", "--grace=1h"}) {
      String told = Run.rkcp("gc", "-s", store, dry).done().out();
      assertThat(told)
          .contains("note: tombstone '.rkcp/tombstones/0c0c")
          .contains("note: pin '.rkcp/pins/0b0b")
          .contains("kernel 'wave' is stamped 2199-01-01T00:00:00Z")
          .contains("its lease of 2 min anew");
    }
    assertThat(Run.rkcp("gc", "-s", store).done().out())
        .as("the pin has a stamp of now, and a tombstone of no object is gone")
        .doesNotContain("note: ");
  }

  @Test
  void tellsThatASaverMayHaveBeenKilledAndUntilWhenItCounts() throws IOException {
    Path pin = directory.resolve("store/%2Erkcp/pins/" + "0b".repeat(16) + ".rkcp");
    write(
        pin,
        "rkcp-pin 1\nkernel-id wave\nlease-millis 3600000\nrenewals 0\nobjects "
            + "0a".repeat(16)
            + "\n");
    Instant written = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Files.setLastModifiedTime(pin, FileTime.from(written));
    String store = Run.store(directory.resolve("store"));

    assertThat(Run.rkcp("gc", "-s", store, "--dry-run").done().lines())
        .contains(
            "savers at work, or killed and not given up yet: 1; the last lease ends at "
                + Quantity.moment(written.plusSeconds(3600))
                + ", unless it is renewed");
    Map<String, Object> json =
        StrictJson.object(Run.rkcp("gc", "-s", store, "--dry-run", "--json").done().json());
    assertThat(json).containsEntry("leases_end", written.plusSeconds(3600).toString());
  }
}
