package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.GroupInfo;
import io.ringkernel.checkpoint.error.IsGroupException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "info",
    description = "Show what a checkpoint holds and how it is stored.",
    footer = {
      "",
      "With -s, the argument is a NAME. Without it, the argument is a FILE if there is one at that",
      "path, and otherwise a NAME in the store of RKCP_STORE.",
      "",
      "Examples:",
      "  rkcp info -s file:/var/lib/sim step-100",
      "  rkcp info wave.rkcp --json"
    })
final class InfoCommand implements Callable<Integer>, OnCheckpoint {
  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "NAME|FILE", description = "The checkpoint.")
  private String checkpoint = "";

  @Option(names = "--json", description = "Show everything as a JSON object.")
  private boolean json;

  InfoCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return checkpoint;
  }

  @Override
  public Integer call() {
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      Path path = sources.asFile(checkpoint);
      @Nullable CheckpointInfo info = null;
      if (path == null) {
        try {
          info = session.await(sources.checkpointer().info(checkpoint));
        } catch (IsGroupException e) {
          tell(session.await(sources.checkpointer().groups().info(checkpoint)));
          return 0;
        }
      }
      CheckpointFile file = path == null ? sources.named(checkpoint) : sources.file(path);
      List<Ancestry.Part> ancestry =
          info == null || file.ancestors().isEmpty()
              ? List.of()
              : session.await(Ancestry.of(file, sources.checkpointer()));
      if (json) {
        session.json(SummaryJson.of(checkpoint, file, info, ancestry));
      } else {
        new Summary(checkpoint, file, info, ancestry).lines().forEach(session.out()::line);
      }
    }
    return 0;
  }

  private void tell(GroupInfo group) {
    if (json) {
      session.json(GroupSummary.json(group));
    } else {
      GroupSummary.lines(group).forEach(session.out()::line);
    }
  }
}
