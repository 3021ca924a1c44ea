package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.ChunkContent;
import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.core.CheckpointInfo;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.CheckpointFile;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.ObjectId;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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
      "A delta stays one where TO's store has the objects that it refers to, for example because",
      "its base was copied before; elsewhere its copy is flattened: it holds all blocks itself.",
      "A copy is a checkpoint of its own, with the tags and the mark of a savepoint that FROM has.",
      "It is the newest of its kernel in TO's store only if it was captured later than all others.",
      "",
      "Examples:",
      "  rkcp cp file:/var/lib/sim#step-100 file:/mnt/archive#",
      "  rkcp cp file:/var/lib/sim#step-100 file:/mnt/archive#before-the-upgrade",
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
          copy(opened.checkpointer(), source.group(2), target, sources);
        }
      } else {
        Path path = sources.asFile(from);
        if (path == null) {
          copy(sources.checkpointer(), from, target, sources);
        } else {
          copy(sources.content(path), null, from, target, UnaryOperator.identity());
        }
      }
    }
    return 0;
  }

  private void copy(Checkpointer source, String name, Matcher target, Sources sources) {
    CheckpointInfo info = session.await(source.info(name));
    ChunkContent bytes = session.await(source.fileContent(name));
    copy(
        bytes,
        () -> flattened(source, name, sources),
        name,
        target,
        request -> request.tags(info.tags()).savepoint(info.savepoint()));
  }

  /**
   * @param flattened gives the same without references to other files; null when it can't
   * @param marked passes on what the store of FROM knows of it beside its bytes
   */
  private void copy(
      ChunkContent bytes,
      @Nullable Supplier<ChunkContent> flattened,
      String name,
      Matcher target,
      UnaryOperator<SaveRequest> marked) {
    boolean located = target.matches();
    String uri = located ? target.group(1) : store.require(session);
    String wanted = located ? target.group(2) : to;
    SaveRequest request = marked.apply(SaveRequest.named(wanted.isEmpty() ? name : wanted));
    try (Store opened = new Store(Checkpointer.open(uri), session)) {
      tell(imported(opened.checkpointer(), bytes, flattened, request));
    }
  }

  private SaveReceipt imported(
      Checkpointer target,
      ChunkContent bytes,
      @Nullable Supplier<ChunkContent> flattened,
      SaveRequest request) {
    try {
      return session.await(target.importFile(bytes, request));
    } catch (BaseMismatchException e) {
      // The target has not all objects that the delta refers to.
      if (flattened == null) {
        throw e;
      }
      return session.await(target.importFile(flattened.get(), request));
    }
  }

  private ChunkContent flattened(Checkpointer source, String name, Sources sources) {
    CheckpointFile file = session.await(source.openFile(name));
    return sources.spooled(file.flattened(ObjectId.random(), 0, written -> {}));
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
                  + Quantity.bytes(receipt.stored())
                  + ", "
                  + Receipts.kind(receipt.kind()));
    }
  }
}
