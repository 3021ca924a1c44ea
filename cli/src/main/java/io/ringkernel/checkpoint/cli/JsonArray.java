package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;

/** A JSON array on standard output, one element a line, each written when it is known. */
final class JsonArray {
  private final Session session;
  private final boolean wanted;
  private boolean begun;

  /**
   * @param wanted whether there is to be one at all
   */
  JsonArray(Session session, boolean wanted) {
    this.session = session;
    this.wanted = wanted;
  }

  void add(Json element) {
    session.out().text((begun ? ",\n " : "[") + element);
    begun = true;
  }

  void end() {
    if (wanted) {
      session.out().line(begun ? "]" : "[]");
    }
  }
}
