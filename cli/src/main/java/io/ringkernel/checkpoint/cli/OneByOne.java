package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Json;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.error.CheckpointException;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * What is done to each of several things of a store. One that fails is told of, and the others are
 * done all the same.
 *
 * @param nameKey of a thing's name in JSON
 * @param doneKey tells in JSON whether anything was done
 * @param work has one result
 * @param json the whole of what is told of a result
 * @param show tells a result to a person
 */
record OneByOne<T>(
    String nameKey,
    String doneKey,
    BiFunction<Checkpointer, String, Mono<T>> work,
    Function<T, Json> json,
    Consumer<T> show) {

  /**
   * Does it.
   *
   * @param asJson whether it is told as a JSON array
   * @return the exit code
   */
  int run(Session session, StoreOption store, List<String> names, boolean asJson) {
    int failed = 0;
    JsonArray array = new JsonArray(session, asJson);
    try (Store open = store.open(session)) {
      for (String name : names) {
        try {
          T done = session.await(work.apply(open.checkpointer(), name));
          if (asJson) {
            array.add(json.apply(done));
          } else {
            show.accept(done);
          }
        } catch (CheckpointException e) {
          failed++;
          if (asJson) {
            array.add(failure(name, e));
          }
          session.problem(Failures.message(name, e));
        }
      }
    }
    array.end();
    return failed > 0 ? 1 : 0;
  }

  private Json failure(String name, CheckpointException problem) {
    return new Json()
        .put(nameKey, name)
        .put(doneKey, false)
        .put("error", Failures.message(problem));
  }
}
