package io.ringkernel.checkpoint.benchmarks;

import io.ringkernel.checkpoint.core.Checkpointer;
import io.ringkernel.checkpoint.storage.gcs.fleet.Fleet;
import io.ringkernel.checkpoint.storage.gcs.server.Content;
import io.ringkernel.checkpoint.storage.gcs.server.GcsServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.util.ArrayList;
import java.util.List;

/**
 * Replays the load of docs/scaling.md at reduced scale against a server in this process, and holds
 * what it was asked against the model: {@code benchmarks/run --fleet [KERNELS] [SAVES]}.
 */
public final class FleetRequests {
  private static final String ADDRESS = "STORAGE_EMULATOR_HOST";
  private static final int KERNELS = 200;
  private static final int SAVES = 6;

  /** The exit status that asks for another port. */
  private static final int PORT_IS_TAKEN = 75;

  private FleetRequests() {}

  /**
   * Runs it. The storage takes the server's address from its environment, which is set before this
   * process begins: so the port is chosen outside, and the exit status tells when it is taken.
   *
   * @param args how many kernels, and how many saves of each
   * @throws IOException when there can't be a server
   */
  public static void main(String[] args) throws IOException {
    int kernels = args.length > 0 ? Integer.parseInt(args[0]) : KERNELS;
    int saves = args.length > 1 ? Integer.parseInt(args[1]) : SAVES;
    String address = String.valueOf(System.getenv(ADDRESS));
    int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    List<Fleet.Count> counts = new ArrayList<>();
    try (GcsServer server = new GcsServer(port, Content::kept)) {
      Checkpointer checkpointer = Checkpointer.open("gs://bucket/fleet");
      try {
        new Fleet(checkpointer, server::requests, kernels, saves)
            .run()
            .doOnNext(FleetRequests::progress)
            .doOnNext(counts::add)
            .blockLast();
      } finally {
        checkpointer.close().block();
      }
    } catch (BindException e) {
      System.exit(PORT_IS_TAKEN);
    }
    FleetTable table = new FleetTable(counts);
    table.print(System.out);
    System.exit(counts.stream().allMatch(Fleet.Count::isMet) ? 0 : 1);
  }

  private static void progress(Fleet.Count count) {
    PrintStream err = System.err;
    err.println("counted: " + count.call() + ", " + count.times() + " times");
  }
}
