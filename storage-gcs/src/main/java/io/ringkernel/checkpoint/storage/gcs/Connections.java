package io.ringkernel.checkpoint.storage.gcs;

import com.google.api.client.http.HttpTransport;
import com.google.api.client.http.apache.v2.ApacheHttpTransport;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.services.storage.model.StorageObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.http.Header;
import org.apache.http.HttpEntity;
import org.apache.http.HttpRequest;
import org.apache.http.HttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.client.methods.HttpPut;
import org.apache.http.client.methods.HttpRequestBase;
import org.apache.http.client.methods.HttpRequestWrapper;
import org.apache.http.client.protocol.HttpClientContext;
import org.apache.http.config.Registry;
import org.apache.http.config.RegistryBuilder;
import org.apache.http.conn.socket.ConnectionSocketFactory;
import org.apache.http.conn.socket.PlainConnectionSocketFactory;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.entity.ByteArrayEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager;
import org.apache.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one storage.
 *
 * <p>Their number has no bound of its own: one for each thread at work and each read that has begun
 * and not ended. A bound would let reads that nobody demands more of stop everything else.
 */
final class Connections implements AutoCloseable {
  /** An object's description is at most a few KiB: its name, and 8 KiB of metadata. */
  private static final int LONGEST_ANSWER = 1 << 20;

  private final PoolingHttpClientConnectionManager pool;
  private final CloseableHttpClient client;

  Connections() {
    Registry<ConnectionSocketFactory> sockets =
        RegistryBuilder.<ConnectionSocketFactory>create()
            .register("http", PlainConnectionSocketFactory.getSocketFactory())
            .register("https", SSLConnectionSocketFactory.getSystemSocketFactory())
            .build();
    pool = new PoolingHttpClientConnectionManager(sockets);
    pool.setMaxTotal(Integer.MAX_VALUE);
    pool.setDefaultMaxPerRoute(Integer.MAX_VALUE);
    client =
        ApacheHttpTransport.newDefaultHttpClientBuilder()
            .setConnectionManager(pool)
            // Bytes are taken as they are stored; the client above unpacks what is JSON.
            .disableContentCompression()
            .disableCookieManagement()
            .addInterceptorFirst(Connections::began)
            .addInterceptorFirst(Connections::answered)
            .build();
  }

  HttpTransport transport() {
    return new ApacheHttpTransport(client);
  }

  /** Connections that a request or an unread response holds. */
  int inUse() {
    return pool.getTotalStats().getLeased();
  }

  @Override
  public void close() throws IOException {
    client.close();
  }

  private static void began(HttpRequest request, HttpContext context) {
    Wire wire = Wire.current();
    if (wire != null
        && request instanceof HttpRequestWrapper wrapper
        && wrapper.getOriginal() instanceof HttpRequestBase original) {
      wire.began(original);
    }
  }

  /** Keeps what a finished upload made: the client's channel knows it and does not tell. */
  private static void answered(HttpResponse response, HttpContext context) throws IOException {
    Wire wire = Wire.current();
    HttpRequest request = HttpClientContext.adapt(context).getRequest();
    HttpEntity entity = response.getEntity();
    String method = request.getRequestLine().getMethod();
    int status = response.getStatusLine().getStatusCode();
    if (wire == null || status >= 400 || HttpGet.METHOD_NAME.equals(method)) {
      return;
    }
    wire.progressed();
    if (HttpPut.METHOD_NAME.equals(method) && status < 300 && entity != null) {
      wire.answered(keep(response, entity));
    }
  }

  private static @Nullable StorageObject keep(HttpResponse response, HttpEntity entity)
      throws IOException {
    byte[] bytes;
    try (InputStream content = entity.getContent()) {
      bytes = content.readNBytes(LONGEST_ANSWER + 1);
      if (bytes.length > LONGEST_ANSWER) {
        throw new IOException("the answer to an upload is longer than an object's description");
      }
    }
    ByteArrayEntity kept = new ByteArrayEntity(bytes);
    kept.setContentType(entity.getContentType());
    kept.setContentEncoding(entity.getContentEncoding());
    response.setEntity(kept);
    return parse(bytes, entity.getContentEncoding());
  }

  private static @Nullable StorageObject parse(byte[] bytes, @Nullable Header encoding) {
    boolean isPacked = encoding != null && "gzip".equalsIgnoreCase(encoding.getValue());
    try (InputStream plain = new ByteArrayInputStream(bytes);
        InputStream json = isPacked ? new GZIPInputStream(plain) : plain) {
      return GsonFactory.getDefaultInstance().fromInputStream(json, StorageObject.class);
    } catch (IOException | IllegalArgumentException e) {
      // Whoever asked reads the same bytes and finds the same.
      return null;
    }
  }
}
