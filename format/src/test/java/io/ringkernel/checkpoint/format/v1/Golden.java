package io.ringkernel.checkpoint.format.v1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** The files that the reference wrote. */
enum Golden {
  EMPTY("01_empty"),
  SEED_ROUNDTRIP("02_seed_roundtrip"),
  EACH_TYPE("03_each_type"),
  UNKNOWN_TYPES("04_unknown_types"),
  CUSTOM_200("05_custom_200"),
  UNICODE("06_unicode"),
  EMPTY_STRINGS("07_empty_strings"),
  ZERO_LENGTH("08_zero_length"),
  DUPLICATES("09_duplicates"),
  MAX_VALUES("10_max_values"),
  DEVICE_1MB("11_device_1mb"),
  THOUSAND_CHUNKS("12_thousand_chunks"),
  DEVICE_NAMES("13_device_names"),
  USIZE_DIFFERS("14_usize_differs"),
  LONG_STRINGS("15_long_strings"),
  RUNS("16_runs"),
  DELTA_1_APPLIED("delta-v1/d1_applied"),
  DELTA_1_BASE("delta-v1/d1_base"),
  DELTA_1_DELTA("delta-v1/d1_delta"),
  DELTA_1_NEW("delta-v1/d1_new"),
  DELTA_2_APPLIED("delta-v1/d2_applied"),
  DELTA_2_BASE("delta-v1/d2_base"),
  DELTA_2_DELTA("delta-v1/d2_delta"),
  DELTA_2_NEW("delta-v1/d2_new");

  private final String path;

  Golden(String path) {
    this.path = path;
  }

  /** Those with a specification of how they were made. */
  static Stream<Golden> specified() {
    return Arrays.stream(values()).filter(golden -> !golden.path.startsWith("delta-v1"));
  }

  /** Those whose sizes the reference wrote inconsistently. */
  boolean isInconsistent() {
    return this == MAX_VALUES || this == USIZE_DIFFERS;
  }

  byte[] file() {
    return resource(path + ".rkcp");
  }

  String text() {
    return new String(resource(path + ".dump.txt"), StandardCharsets.UTF_8);
  }

  String specification() {
    return new String(resource(path + ".spec.txt"), StandardCharsets.UTF_8);
  }

  static byte[] resource(String path) {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/" + path)) {
      return Objects.requireNonNull(in, path).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
