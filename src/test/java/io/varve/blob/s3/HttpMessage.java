package io.varve.blob.s3;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A message of HTTP/1.1: its first line and headers as they are, and its body. */
final class HttpMessage {

    private final List<String> head;
    private final byte[] body;

    HttpMessage(List<String> head, byte[] body) {
        this.head = List.copyOf(head);
        this.body = body;
    }

    static HttpMessage answer(String status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        return new HttpMessage(
                List.of(
                        "HTTP/1.1 " + status,
                        "Content-Type: application/xml",
                        "Content-Length: " + bytes.length),
                bytes);
    }

    /** Its first line and headers, without a body; none if the other side has gone. */
    static HttpMessage head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = line(in);
        while (!line.isEmpty()) {
            lines.add(line);
            line = line(in);
        }
        return new HttpMessage(lines, new byte[0]);
    }

    /** The same with the body that follows it; as it came, with the lengths of its pieces. */
    HttpMessage request(InputStream in) throws IOException {
        return new HttpMessage(head, body(in, true));
    }

    /** The same with the body that follows it, in one piece. */
    HttpMessage answer(InputStream in, boolean hasBody) throws IOException {
        byte[] bytes = hasBody ? body(in, false) : new byte[0];
        if (header("Transfer-Encoding").isEmpty()) {
            return new HttpMessage(head, bytes);
        }
        List<String> lines = new ArrayList<>(without("Transfer-Encoding").head);
        lines.add("Content-Length: " + bytes.length);
        return new HttpMessage(lines, bytes);
    }

    HttpMessage without(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return new HttpMessage(
                head.stream()
                        .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(start))
                        .toList(),
                body);
    }

    boolean isEmpty() {
        return head.isEmpty();
    }

    String firstLine() {
        return head.getFirst();
    }

    /** Length of its body. */
    int length() {
        return body.length;
    }

    /** Empty if there is none. */
    String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return head.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .findFirst()
                .orElse("");
    }

    void send(OutputStream out) throws IOException {
        send(out, body.length);
    }

    void send(OutputStream out, int bodyBytes) throws IOException {
        String text = String.join("\r\n", head) + "\r\n\r\n";
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body, 0, bodyBytes);
        out.flush();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            if (next != '\r') {
                line.write(next);
            }
            next = in.read();
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** What its headers say of the body that follows. */
    int toldLength() {
        String length = header("Content-Length");
        return length.isEmpty() ? 0 : Integer.parseInt(length);
    }

    private byte[] body(InputStream in, boolean raw) throws IOException {
        if (header("Transfer-Encoding").equalsIgnoreCase("chunked")) {
            return chunks(in, raw);
        }
        byte[] bytes = in.readNBytes(toldLength());
        if (bytes.length < toldLength()) {
            throw new EOFException("half a body");
        }
        return bytes;
    }

    /**
     * @param raw with their lengths, as they came
     */
    private static byte[] chunks(InputStream in, boolean raw) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int length;
        do {
            String size = line(in);
            length = Integer.parseInt(size.split(";")[0].strip(), 16);
            byte[] chunk = in.readNBytes(length);
            line(in);
            if (raw) {
                all.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                all.write(chunk);
                all.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            } else {
                all.write(chunk);
            }
        } while (length > 0);
        return all.toByteArray();
    }
}
