package io.ringkernel.checkpoint.examples;

import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the programs that compute waves, by name. */
public final class WavePrograms {
  private WavePrograms() {}

  /**
   * The program of a name.
   *
   * @param name for example {@code "cpu"}
   * @return empty when there is none of that name here
   */
  public static Optional<WaveProgram> named(String name) {
    return all().stream().filter(program -> program.name().equals(name)).findFirst();
  }

  /** The names there are, in order. */
  public static List<String> names() {
    return all().stream().map(WaveProgram::name).sorted().toList();
  }

  private static List<WaveProgram> all() {
    return ServiceLoader.load(WaveProgram.class).stream().map(ServiceLoader.Provider::get).toList();
  }
}
