package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tag",
    description = "Add tags to a checkpoint, or remove them.",
    footer = {
      "",
      "rkcp prune can keep checkpoints by tag. Adding a tag that is there already, or removing one",
      "that is not, changes nothing.",
      "",
      "Examples:",
      "  rkcp tag -s file:/var/lib/sim step-100 good",
      "  rkcp tag step-100 good --remove"
    })
final class TagCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "NAME", description = "The checkpoint.")
  private String name = "";

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TAG", description = "The tags.")
  private List<String> tags = List.of();

  @Option(names = "--remove", description = "Remove the tags.")
  private boolean remove;

  @Option(names = "--json", description = "Print what the store now knows as a JSON object.")
  private boolean json;

  TagCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return name;
  }

  @Override
  public Integer call() {
    if (tags.contains("")) {
      throw store.wrongUsage("a tag can't be empty");
    }
    try (Store open = store.open(session)) {
      Checkpointer checkpointer = open.checkpointer();
      CheckpointInfo info = session.await(checkpointer.info(name));
      for (String tag : tags) {
        info = session.await(remove ? checkpointer.untag(name, tag) : checkpointer.tag(name, tag));
      }
      if (json) {
        session.json(SummaryJson.of(info));
      } else {
        String shown = info.tags().isEmpty() ? "no tags" : Summary.tags(info);
        session.out().line(Printable.of(name) + ": " + shown);
      }
    }
    return 0;
  }
}
