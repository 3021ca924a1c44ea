package io.ringkernel.checkpoint.storage.gcs.server;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Takes connections on a port of this machine, one thread for each, until it is closed. */
public final class GcsServer implements AutoCloseable {
  private static final int SILENCE_SECONDS = 60;

  private final ServerSocket listener;
  private final JsonApi api;
  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final Set<String> paid = ConcurrentHashMap.newKeySet();
  private final Set<Socket> connections = Collections.synchronizedSet(new HashSet<>());
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Function<String, @Nullable Fault> faults = request -> null;

  /**
   * Listens; all buckets exist and share their objects.
   *
   * @param port of the loopback address; 0 for any that is free
   */
  public GcsServer(int port, Content.Factory contents) throws IOException {
    listener = new ServerSocket(port, 200, InetAddress.getLoopbackAddress());
    api = new JsonApi(new Bucket(), contents, url());
    Thread acceptor = new Thread(this::accept, "gcs-server");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  /** On a free port. */
  public GcsServer(Content.Factory contents) throws IOException {
    this(0, contents);
  }

  /** On a free port, with bytes that are kept. */
  public GcsServer() throws IOException {
    this(Content::kept);
  }

  /** Where it listens. */
  public String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** What it holds. */
  public Bucket bucket() {
    return api.bucket();
  }

  /** What it answers by. */
  public JsonApi api() {
    return api;
  }

  /** What it was asked since the last call, in short: {@code "GET object"}, for example. */
  public List<String> requests() {
    synchronized (log) {
      List<String> all = List.copyOf(log);
      log.clear();
      return all;
    }
  }

  /** Whether it was asked something since the last call of {@link #requests}. */
  public boolean hasSeen(String request) {
    return log.contains(request);
  }

  /** Puts an object where it is, as somebody else's program might. */
  public void putForeign(String key) {
    bucket().put(key, new com.google.gson.JsonObject(), Content.kept(), null);
  }

  /** The kinds of requests that named a project that pays. */
  public List<String> paidBy(String project) {
    String beginning = project + ": ";
    return paid.stream()
        .filter(entry -> entry.startsWith(beginning))
        .map(entry -> entry.substring(beginning.length()))
        .toList();
  }

  /** The credentials of the requests that brought some, as they were sent. */
  public List<String> authorizations() {
    return List.copyOf(authorizations);
  }

  /**
   * What goes wrong from now on.
   *
   * @param plan tells the fault of a request, or null; the request is as {@link #requests} words
   *     it, with " token" behind it when it brings credentials
   */
  public void breakBy(Function<String, @Nullable Fault> plan) {
    faults = plan;
  }

  /** Connections that are open. */
  public int connections() {
    return connections.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        connections.add(socket);
        Thread thread = new Thread(() -> serve(socket), "gcs-server-connection");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
      for (Request next = Request.read(in); next != null; next = Request.read(in)) {
        if (!answer(next, socket, out)) {
          return;
        }
      }
    } catch (IOException e) {
      // The client went away: that is its right.
    } finally {
      connections.remove(socket);
    }
  }

  /** Whether the connection can be used again. */
  private boolean answer(Request request, Socket socket, OutputStream out) throws IOException {
    String kind = JsonApi.kindOf(request);
    log.add(kind);
    String payer = request.query().get("userProject");
    if (payer != null) {
      paid.add(payer + ": " + kind);
    }
    String authorization = request.headers().get("authorization");
    if (authorization != null) {
      authorizations.add(authorization);
    }
    Fault fault = faults.apply(authorization == null ? kind : kind + " token");
    if (fault == null) {
      return write(done(request), out);
    }
    return switch (fault) {
      case UNAVAILABLE -> write(refuse(request, 503, "backendError"), out);
      case TOO_MANY_REQUESTS ->
          write(refuse(request, 429, "rateLimitExceeded").with("Retry-After", "1"), out);
      case STALE_TOKEN -> write(refuse(request, 401, "authError"), out);
      case RESET_IN_REQUEST -> {
        request.body().readNBytes(1000);
        yield reset(socket);
      }
      case LOST_RESPONSE -> {
        done(request);
        yield reset(socket);
      }
      case BAD_GATEWAY_AFTERWARDS -> {
        done(request);
        yield write(Reply.error(502, "backendError", "the answer was lost"), out);
      }
      case SILENCE -> {
        done(request);
        awaitClose();
        yield false;
      }
      case RESET_IN_RESPONSE, TRUNCATED_RESPONSE -> {
        Reply cut = done(request);
        cut.writeHead(out);
        cut.body().writeTo(new Limited(out, cut.length() / 2));
        out.flush();
        yield fault == Fault.RESET_IN_RESPONSE && reset(socket);
      }
      case SLOW_RESPONSE -> {
        Reply slow = done(request);
        slow.writeHead(out);
        slow.body().writeTo(new Dripping(out, Math.max(1, slow.length() / 5)));
        out.flush();
        yield true;
      }
    };
  }

  private Reply done(Request request) throws IOException {
    Reply reply = api.answer(request);
    request.drain();
    return reply;
  }

  private static Reply refuse(Request request, int status, String reason) throws IOException {
    request.drain();
    return Reply.error(status, reason, "a fault on order");
  }

  private static boolean write(Reply reply, OutputStream out) throws IOException {
    reply.writeHead(out);
    reply.body().writeTo(out);
    out.flush();
    return true;
  }

  private static boolean reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    return false;
  }

  private void awaitClose() {
    try {
      boolean unused = closed.await(SILENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    listener.close();
    for (Socket socket : List.copyOf(connections)) {
      socket.close();
    }
  }

  /** Lets the first bytes pass. */
  private static final class Limited extends FilterOutputStream {
    private long left;

    Limited(OutputStream out, long most) {
      super(out);
      this.left = most;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int passed = (int) Math.min(length, left);
      out.write(bytes, offset, passed);
      left -= passed;
    }
  }

  /** Lets bytes pass in pieces, each after a moment. */
  private static final class Dripping extends FilterOutputStream {
    private final long piece;

    Dripping(OutputStream out, long piece) {
      super(out);
      this.piece = piece;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = 0; at < length; at += (int) piece) {
        out.write(bytes, offset + at, (int) Math.min(piece, length - at));
        out.flush();
        try {
          TimeUnit.MILLISECONDS.sleep(5);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
