package io.ringkernel.checkpoint.storage.s3;

import io.ringkernel.checkpoint.storage.StorageOptions;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * An S3 server in this process that holds one bucket and does wrong what it is told to. It takes
 * any signature, and the checksums seriously.
 */
final class S3Server implements AutoCloseable {
  static final String BUCKET = "checkpoints";
  static final int SMALL_PART = 64 << 10;

  private final ServerSocket listening;
  private final S3Bucket bucket = new S3Bucket();
  private final Faults faults = new Faults();
  private volatile String accessKey = "test";
  private volatile String signedBy = "";
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  S3Server() {
    // Where the AWS chain looks first; nothing else is to be found in a test.
    System.setProperty("aws.accessKeyId", "test");
    System.setProperty("aws.secretAccessKey", "test");
    // Enough to see that there are retries.
    System.setProperty("aws.maxAttempts", "3");
    try {
      listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    start("s3-server", this::accept);
  }

  /** A store in the bucket. */
  String uri(String prefix, String... parameters) {
    StringBuilder uri = new StringBuilder("s3://" + BUCKET + "/" + prefix + "?endpoint=");
    uri.append(endpoint());
    for (String parameter : parameters) {
      uri.append('&').append(parameter);
    }
    // As at Amazon's, unless a test says something else.
    for (String ability : List.of("nested-names", "conditional-delete")) {
      if (!uri.toString().contains(ability)) {
        uri.append('&').append(ability).append("=true");
      }
    }
    return uri.toString();
  }

  /** A store whose objects have parts of 64 KiB, four of them in memory. */
  S3Storage smallParts(String prefix) {
    bucket.limit(SMALL_PART, 1000);
    S3Options options = S3Options.parse(StorageOptions.parse(uri(prefix)));
    return new S3Storage(
        new S3Options(
            options.bucket(),
            options.prefix(),
            options.region(),
            options.endpoint(),
            options.pathStyle(),
            new PartPlan(4 * SMALL_PART, SMALL_PART),
            true,
            ConditionalDelete.HONOURED,
            true));
  }

  S3Storage open(String prefix) {
    return new S3Storage(S3Options.parse(StorageOptions.parse(uri(prefix))));
  }

  /** Refuses from now on what another key than this has signed. */
  void takeOnly(String key) {
    accessKey = key;
  }

  /** For whom the last request was signed: the key, the day, the region and more. */
  String signedBy() {
    return signedBy;
  }

  String endpoint() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  S3Bucket bucket() {
    return bucket;
  }

  Faults faults() {
    return faults;
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        socket.setTcpNoDelay(true);
        connections.add(socket);
        start("s3-server-connection", () -> serve(socket));
      } catch (IOException e) {
        // Closed: the loop ends.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
      boolean goesOn = true;
      while (goesOn) {
        S3Request request = S3Request.read(in);
        goesOn = request != null && answer(request, socket, out);
      }
    } catch (IOException e) {
      // The client is gone; what it had not finished is not done.
    } finally {
      connections.remove(socket);
    }
  }

  /** Whether the connection can be used again. */
  private boolean answer(S3Request request, Socket socket, OutputStream out) throws IOException {
    S3Operation operation = S3Operation.of(request);
    Faults.Fault fault = faults.next(operation);
    if ("100-continue".equalsIgnoreCase(request.header("expect"))) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
    }
    if (fault instanceof Faults.Fault.ResetInRequest reset) {
      request.body().readNBytes((int) reset.bytes());
      return reset(socket);
    }
    if (fault instanceof Faults.Fault.Silent) {
      socket.getInputStream().transferTo(OutputStream.nullOutputStream());
      return false;
    }
    if (fault instanceof Faults.Fault.Unranged) {
      request.headers().remove("range");
    }
    S3Answer answer =
        fault instanceof Faults.Fault.Refused refused ? refuse(request, refused) : allowed(request);
    request.body().transferTo(OutputStream.nullOutputStream());
    if (fault instanceof Faults.Fault.LostAnswer) {
      return reset(socket);
    }
    writeHead(answer, out);
    return writeBody(request, answer, fault, socket, out);
  }

  private S3Answer allowed(S3Request request) throws IOException {
    String signed = String.valueOf(request.header("authorization"));
    signedBy = signed.replaceFirst("AWS4-HMAC-SHA256 Credential=([^,]*),.*", "$1");
    if (!signedBy.startsWith(accessKey + "/")) {
      return S3Answer.error(403, "AccessDenied");
    }
    return request.bucket().equals(BUCKET)
        ? bucket.answer(S3Operation.of(request), request)
        : S3Answer.error(404, "NoSuchBucket");
  }

  private static S3Answer refuse(S3Request request, Faults.Fault.Refused refused)
      throws IOException {
    request.body().transferTo(OutputStream.nullOutputStream());
    return request.method().equals("HEAD")
        ? S3Answer.of(refused.status())
        : S3Answer.error(refused.status(), refused.code());
  }

  private static void writeHead(S3Answer answer, OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status() + " x\r\n");
    answer.headers().forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    if (answer.status() != 204) {
      head.append("Content-Length: ").append(answer.length()).append("\r\n");
    }
    out.write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean writeBody(
      S3Request request, S3Answer answer, Faults.Fault fault, Socket socket, OutputStream out)
      throws IOException {
    if (request.method().equals("HEAD")) {
      out.flush();
      return true;
    }
    if (fault instanceof Faults.Fault.ResetInAnswer reset) {
      answer.body().writeTo(new Limited(out, reset.bytes()));
      out.flush();
      pause(20);
      return reset(socket);
    }
    if (fault instanceof Faults.Fault.Truncated truncated) {
      answer.body().writeTo(new Limited(out, truncated.bytes()));
      out.flush();
      return false;
    }
    answer.body().writeTo(fault instanceof Faults.Fault.Slow ? new Slowed(out) : out);
    out.flush();
    return true;
  }

  /** The client sees an error instead of an end. */
  private static boolean reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
    return false;
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : connections) {
      socket.close();
    }
  }

  /** Passes on so many bytes and drops the rest. */
  private static final class Limited extends OutputStream {
    private final OutputStream out;
    private long left;

    Limited(OutputStream out, long bytes) {
      this.out = out;
      this.left = bytes;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int passed = (int) Math.min(left, length);
      out.write(bytes, offset, passed);
      left -= passed;
    }
  }

  /** Passes on piece by piece. */
  private static final class Slowed extends OutputStream {
    private static final int PIECE = 300_000;

    private final OutputStream out;

    Slowed(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = 0; at < length; at += PIECE) {
        pause(5);
        out.write(bytes, offset + at, Math.min(PIECE, length - at));
        out.flush();
      }
    }
  }
}
