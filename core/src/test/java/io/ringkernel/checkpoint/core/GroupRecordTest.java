package io.ringkernel.checkpoint.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkernel.checkpoint.HlcTimestamp;
import io.ringkernel.checkpoint.error.CorruptCheckpointException;
import io.ringkernel.checkpoint.format.ObjectId;
import io.ringkernel.checkpoint.format.RootHash;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lies in a store of groups. */
class GroupRecordTest {
  private static final ObjectId FIRST = new ObjectId("00112233445566778899aabbccddeeff");
  private static final ObjectId SECOND = new ObjectId("ffffffffffffffffffffffffffffffff");
  private static final ObjectId BASE = new ObjectId("0123456789abcdef0123456789abcdef");

  private static Entry entry(String kernelId, ObjectId object, List<ObjectId> ancestors) {
    CheckpointKind kind = ancestors.isEmpty() ? CheckpointKind.FULL : CheckpointKind.DELTA;
    RootHash root = new RootHash("ab".repeat(32));
    StoredFile file = new StoredFile(object, 2, kind, root, null, 4096, 5000, "none", ancestors);
    return Entry.of(
        file, TestStates.metadata(kernelId, 3), new CommitMark(9, 3, SECOND, false), false);
  }

  private static GroupManifest manifest() {
    return new GroupManifest(
        "the room",
        new HlcTimestamp(1, 2, -1),
        7,
        SECOND,
        List.of(
            new GroupManifest.Member("a/1", entry("a", FIRST, List.of())),
            new GroupManifest.Member("b 2", entry("b", SECOND, List.of(BASE)))),
        0,
        List.of("later 1"));
  }

  private static CutRecord cut() {
    CutRecord.Member saved =
        CutRecord.Member.invited("b")
            .quiesced(new HlcTimestamp(4, 5, -6))
            .alive()
            .saved(
                new Participant.Saved(
                    "b 2", entry("b", SECOND, List.of(BASE)), Duration.ofNanos(8), List.of()));
    return new CutRecord(
        "the room",
        Cut.opened(FIRST).at(Cut.Phase.RESUME, new HlcTimestamp(1, 2, -1)),
        Cut.opened(SECOND)
            .at(Cut.Phase.RESUME, new HlcTimestamp(3, 4, -5))
            .over(Cut.Phase.COMMITTED, "the room/1", ""),
        Duration.ofMillis(1500),
        7,
        List.of(CutRecord.Member.invited("a").failed("it broke\n"), saved));
  }

  @Test
  void aManifestIsReadAsItWasWritten() {
    byte[] bytes = manifest().encode();

    assertThat(GroupManifest.decode(bytes)).isEqualTo(manifest());
    assertThat(new String(bytes, StandardCharsets.US_ASCII))
        .startsWith(
            """
            rkcp-group 1
            group the%20room
            cut 1 2 18446744073709551615
            created 7
            nonce ffffffffffffffffffffffffffffffff
            members 2
            member-0 a/1 rkcp-entry%201%0aobject%2000112233445566778899aabbccddeeff%0a\
            """)
        .contains("\nlater 1\n");
  }

  @Test
  void aManifestNamesAllThatACollectorMustKeep() {
    assertThat(manifest().objects()).containsExactlyInAnyOrder(FIRST, SECOND, BASE);
  }

  @Test
  void aCutIsReadAsItWasWritten() {
    assertThat(CutRecord.decode(cut().encode())).isEqualTo(cut());
    CutRecord over = cut().over(Cut.Phase.FAILED, "no sign of it", "a");
    assertThat(CutRecord.decode(over.encode())).isEqualTo(over);
    CutRecord first = CutRecord.opened("the room", FIRST, Duration.ofMillis(1), List.of("a", "b"));
    assertThat(CutRecord.decode(first.encode())).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({"PT720H, P24D", "PT0.000000001S, PT0.001S", "PT0.002S, PT0.002S"})
  void whateverTimeoutACutIsGivenItsRecordCanBeRead(Duration given, Duration written) {
    CutRecord record = CutRecord.opened("g", FIRST, given, List.of());

    assertThat(CutRecord.decode(record.encode())).isEqualTo(record);
    assertThat(record.timeout()).isEqualTo(written);
  }

  private static byte[] replaced(byte[] record, String line, String by) {
    String text = new String(record, StandardCharsets.US_ASCII);
    String body = text.substring(0, text.indexOf("crc32 "));
    String changed = body.replaceFirst("(?m)^" + line + "$", by);
    assertThat(changed).isNotEqualTo(body);
    CRC32 crc = new CRC32();
    crc.update(changed.getBytes(StandardCharsets.US_ASCII));
    return (changed + String.format("crc32 %08x%n", crc.getValue()))
        .getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @CsvSource({
    "members 2, members 0, from 1 to 4096",
    "members 2, members 4097, from 1 to 4096",
    "members 2, members 3, not a name and an entry",
    "member-0 a/1 .*, member-0 a/1, not a name and an entry",
    "member-0 a/1 (.*), member-0 .rkcp/x $1, invalid name",
    "member-0 a/1 (.*), member-0 a/1 junk, rkcp-entry",
    "cut .*, cut 1 2, 2 values instead of 3",
    "nonce .*, nonce 12, nonce",
  })
  void refusesAManifestThatIsNone(String line, String by, String reason) {
    byte[] bytes = replaced(manifest().encode(), line, by);

    assertThatThrownBy(() -> GroupManifest.decode(bytes))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesAManifestWithTwoMembersOfOneKernel() {
    GroupManifest.Member member = manifest().members().get(0);
    byte[] bytes =
        new GroupManifest("g", HlcTimestamp.ZERO, 0, FIRST, List.of(member, member), 0, List.of())
            .encode();

    assertThatThrownBy(() -> GroupManifest.decode(bytes))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining("two members of one kernel");
  }

  @ParameterizedTest
  @CsvSource({
    "phase resume, phase sleep, phase",
    "previous-id .*, previous-id 12, previous-id",
    "previous-phase .*, previous-phase sleep, previous-phase",
    "previous-phase .*, previous-phase resume, not over",
    "previous-phase .*, older-phase committed, previous-phase' is missing",
    "previous-cut .*, previous-cut 1 2, 2 values instead of 3",
    "previous-outcome .*, previous-outcome a b, 2 values instead of 1",
    "previous-outcome .*, older-outcome a, previous-outcome' is missing",
    "previous-culprit .*, older-culprit a, previous-culprit' is missing",
    "timeout 1500, timeout 0, timeout",
    "members 2, members 5000, too many members",
    "members 2, members 3, malformed",
    "kernel-0 a failed (.*), kernel-0 a lost $1, unknown state",
    "saved-1 .*, saved-1 x, malformed",
    "progress-0 .*, progress-0 1, instead of 5",
  })
  void refusesACutThatIsNone(String line, String by, String reason) {
    byte[] bytes = replaced(cut().encode(), line, by);

    assertThatThrownBy(() -> CutRecord.decode(bytes))
        .isInstanceOf(CorruptCheckpointException.class)
        .hasMessageContaining(reason);
  }
}
