package io.ringkernel.checkpoint.cli;

import io.ringkernel.checkpoint.cli.text.Printable;
import io.ringkernel.checkpoint.cli.text.Quantity;
import io.ringkernel.checkpoint.cli.text.RefusedException;
import io.ringkernel.checkpoint.core.BaseChoice;
import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.core.SaveReceipt;
import io.ringkernel.checkpoint.core.SaveRequest;
import io.ringkernel.checkpoint.error.BaseMismatchException;
import io.ringkernel.checkpoint.format.DecodeOptions;
import io.ringkernel.checkpoint.format.WholeChunkDelta;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "cp",
    description = "Copy checkpoints and groups, within a store or between stores.",
    footer = {
      "",
      "FROM and TO are URI#NAME, or a NAME in the store of -s or RKCP_STORE. FROM may also be a",
      "FILE. TO may leave the name out (URI#): the copy then has FROM's name, or that of the FILE",
      "without .rkcp. With --all, FROM is URI or URI#PREFIX and TO is a URI.",
      "",
      "Every byte that is sent is verified. What TO's store has already is not read again: rkcp",
      "verify --full does. To replace a damaged object there, rm the checkpoints that use it, run",
      "gc --grace 0, and copy again.",
      "",
      "A delta takes along the objects that it refers to and that TO's store lacks. Objects keep",
      "their ids, and what is there is not sent again. If a copy is broken off, even by a kill,",
      "the same command continues it; only the object that was being sent is sent from its",
      "beginning. A copy within a store sends nothing.",
      "",
      "A copy is a checkpoint of its own. It has FROM's tags, and is a savepoint if FROM is one.",
      "It is the newest of its kernel in TO's store only if it was captured later than all others.",
      "",
      "A group's members are copied first, each under its own name, then the group: it is there",
      "whole or not at all. With --all, a group with a member that can't be copied is reported and",
      "not copied. A group that is there already is left alone.",
      "",
      "A FILE that is a delta of version 1 names its base only by a digest. The base recorded for",
      "it is the one full checkpoint of its kernel in TO's store that has this digest, or the one",
      "that --base names.",
      "",
      "Examples:",
      "  rkcp cp file:/var/lib/sim#step-100 gs://archive/sim#",
      "  rkcp cp --all file:/var/lib/sim s3://archive/sim",
      "  rkcp cp --flatten file:/var/lib/sim#step-200 file:/mnt/archive#before-the-upgrade",
      "  rkcp cp from-elsewhere.rkcp file:/var/lib/sim#imported"
    })
final class CopyCommand implements Callable<Integer>, OnCheckpoint {
  private static final String EXTENSION = ".rkcp";

  /** A scheme of two letters and more, so that a Windows drive is none. */
  private static final Pattern LOCATION =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+:[^#]*)#(.*)", Pattern.DOTALL);

  private static final Pattern STORE =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]+:[^#]*)(?:#(.*))?", Pattern.DOTALL);

  /** A whole store where one checkpoint is meant: a name may have a colon, but not such a one. */
  private static final Pattern NAMELESS = Pattern.compile("(?:file|gs|s3|memory):[^#]*");

  private final Session session;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "FROM", description = "The checkpoint or group to copy.")
  private String from = "";

  @Parameters(
      index = "1",
      paramLabel = "TO",
      description = "Where to copy it; replaced if it is there.")
  private String to = "";

  @Option(names = "--all", description = "All checkpoints and groups of a store, or of a prefix.")
  private boolean all;

  @Option(
      names = "--flatten",
      description = "Make a delta's copy self-contained, instead of taking other objects along.")
  private boolean flatten;

  @Option(
      names = "--base",
      paramLabel = "NAME",
      description = "The base, in TO's store, of a FILE that is a delta of version 1.")
  private @Nullable String base;

  @Option(
      names = "--json",
      description = "Print what was copied as JSON: an object; with --all, an array.")
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
    try (Sources sources = new Sources(session, store, DecodeOptions.defaults());
        CopyProgressView progress = new CopyProgressView(session, json)) {
      return all ? copyAll(progress) : copyOne(sources, progress);
    }
  }

  private int copyAll(CopyProgressView progress) {
    requireNoBase();
    Matcher source = STORE.matcher(from);
    Matcher target = STORE.matcher(to);
    if (store.isGiven() || !source.matches() || !target.matches() || !isEmpty(target.group(2))) {
      throw store.wrongUsage("--all copies from URI or URI#PREFIX to URI: name both, and no -s");
    }
    String prefix = source.group(2) == null ? "" : source.group(2);
    try (Store opened = store.openExisting(source.group(1), session);
        Store there = store.openTarget(target.group(1), session)) {
      Copies copies =
          new Copies(session, opened.checkpointer(), there.checkpointer(), progress, flatten);
      int failed = copies.all(prefix, json);
      if (copies.listed() == 0 && !json) {
        session.notice(ListCommand.nothing(source.group(1), prefix));
      }
      return failed == 0 ? 0 : 1;
    }
  }

  private static boolean isEmpty(@Nullable String text) {
    return text == null || text.isEmpty();
  }

  private int copyOne(Sources sources, CopyProgressView progress) {
    requireNames();
    Matcher source = LOCATION.matcher(from);
    Path path = source.matches() ? null : sources.asFile(from);
    if (path != null) {
      importFile(sources, path);
      return 0;
    }
    requireNoBase();
    if (source.matches()) {
      try (Store opened = store.openExisting(source.group(1), session)) {
        copy(opened.checkpointer(), source.group(2), progress);
      }
    } else {
      copy(sources.checkpointer(), from, progress);
    }
    return 0;
  }

  private void requireNoBase() {
    if (base != null) {
      throw store.wrongUsage("--base is for a FILE: a copy from a store takes along what it needs");
    }
  }

  private void requireNames() {
    if (store.isGiven()) {
      return;
    }
    if (NAMELESS.matcher(from).matches()) {
      throw store.wrongUsage(
          "'" + from + "' is a whole store: write " + from + "#NAME, or copy all of it by --all");
    }
    if (NAMELESS.matcher(to).matches()) {
      throw store.wrongUsage(
          "'" + to + "' is a whole store: write " + to + "#NAME, or " + to + "# to keep the name");
    }
  }

  private void importFile(Sources sources, Path path) {
    try (Store target = store.openTarget(targetUri(), session)) {
      SaveRequest request = request(sources, path);
      SaveReceipt saved =
          session.await(target.checkpointer().importFile(sources.content(path), request));
      if (json) {
        session.json(Receipts.json(saved));
      } else {
        String kind = Receipts.kind(saved.kind());
        tell("copied " + what(saved.name()) + ": " + Quantity.bytes(saved.stored()) + ", " + kind);
        saved.notes().forEach(note -> tell("note: " + Printable.of(note)));
      }
    }
  }

  private SaveRequest request(Sources sources, Path path) {
    SaveRequest request = SaveRequest.defaults().named(targetName(baseName(path)));
    if (base == null) {
      return request;
    }
    if (WholeChunkDelta.parentDigest(sources.file(path)).isEmpty()) {
      throw new RefusedException(
          "'" + from + "' is no delta of version 1 and needs no base: leave out --base");
    }
    return request.base(BaseChoice.named(base));
  }

  private void copy(Checkpointer source, String name, CopyProgressView progress) {
    try (Store target = store.openTarget(targetUri(), session)) {
      Copies copies = new Copies(session, source, target.checkpointer(), progress, flatten);
      Copies.Copied copied = copied(copies, name);
      if (json) {
        session.json(copied.json());
      } else {
        tell(copied.text().apply(what(copied.name())));
      }
    }
  }

  /** Of a file, what it is called without its directory and {@code .rkcp}. */
  private static String baseName(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.endsWith(EXTENSION) && name.length() > EXTENSION.length()
        ? name.substring(0, name.length() - EXTENSION.length())
        : name;
  }

  private Copies.Copied copied(Copies copies, String name) {
    try {
      return copies.one(name, targetName(name));
    } catch (BaseMismatchException e) {
      throw new RefusedException("'" + name + "' can't be copied; " + Failures.message(e), e);
    }
  }

  private String targetUri() {
    Matcher target = LOCATION.matcher(to);
    return target.matches() ? target.group(1) : store.require(session);
  }

  private String targetName(String kept) {
    Matcher target = LOCATION.matcher(to);
    String wanted = target.matches() ? target.group(2) : to;
    return wanted.isEmpty() ? kept : wanted;
  }

  private String what(String name) {
    return Printable.of(from) + " to " + Printable.of(to.endsWith("#") ? to + name : to);
  }

  private void tell(String text) {
    session.out().line(text);
  }
}
