package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.format.DecodeOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "cp",
    description = "Copy a checkpoint, within a store or between stores.",
    footer = {
      "",
      "FROM and TO are URI#NAME, or a NAME in the store of -s or RKCP_STORE; FROM may be a FILE,",
      "and TO may leave the name out (URI#) to keep it. Every byte is verified on the way.",
      "",
      "Examples:",
      "  rkcp cp file:/var/lib/sim#step-100 file:/mnt/archive#",
      "  rkcp cp -s file:/var/lib/sim step-100 before-the-upgrade",
      "  rkcp cp from-elsewhere.rkcp file:/var/lib/sim#imported"
    })
final class CopyCommand implements Callable<Integer>, OnCheckpoint {
  /** A scheme of two letters and more, so that a Windows drive is none. */
  private static final Pattern LOCATION =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+:[^#]*)#(.*)", Pattern.DOTALL);

  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "FROM", description = "The checkpoint to copy.")
  private String from = "";

  @Parameters(index = "1", paramLabel = "TO", description = "Where to; replaced if it is there.")
  private String to = "";

  @Option(names = "--json", description = "Tell what was copied as a JSON object.")
  private boolean json;

  CopyCommand(Session session) {
    this.session = session;
  }

  @Override
  public String subject() {
    return from;
  }

  @Override
  public Integer call() {
    Matcher source = LOCATION.matcher(from);
    Matcher target = LOCATION.matcher(to);
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults())) {
      if (source.matches()) {
        try (Store opened = new Store(Checkpointer.open(source.group(1)), session)) {
          ChunkContent bytes = session.await(opened.checkpointer().fileContent(source.group(2)));
          copy(bytes, source.group(2), target);
        }
      } else {
        Path path = sources.asFile(from);
        ChunkContent bytes =
            path == null
                ? session.await(sources.checkpointer().fileContent(from))
                : sources.content(path);
        copy(bytes, from, target);
      }
    }
    return 0;
  }

  private void copy(ChunkContent bytes, String name, Matcher target) {
    boolean located = target.matches();
    String uri = located ? target.group(1) : store.require(session);
    String wanted = located ? target.group(2) : to;
    SaveRequest request = SaveRequest.named(wanted.isEmpty() ? name : wanted);
    try (Store opened = new Store(Checkpointer.open(uri), session)) {
      tell(session.await(opened.checkpointer().importFile(bytes, request)));
    }
  }

  private void tell(SaveReceipt receipt) {
    if (json) {
      session.json(Receipts.json(receipt));
    } else {
      session
          .out()
          .line(
              "copied "
                  + Printable.of(from)
                  + " to "
                  + Printable.of(to.endsWith("#") ? to + receipt.name() : to)
                  + ": "
                  + Quantity.bytes(receipt.stored()));
    }
  }
}
