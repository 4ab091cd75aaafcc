package io.varve.format;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/** Bytes that kopia wrote, from the folder {@code format} of the test resources. */
public final class Golden {

    private Golden() {}

    /** The bytes of a golden file. */
    public static byte[] bytes(String name) throws IOException {
        try (InputStream in =
                requireNonNull(Golden.class.getResourceAsStream("/format/" + name), name)) {
            return in.readAllBytes();
        }
    }

    /** As {@link #bytes}, for a codec to read. */
    public static ByteBuffer buffer(String name) throws IOException {
        return ByteBuffer.wrap(bytes(name));
    }

    /** As {@link #bytes}, as UTF-8. */
    public static String text(String name) throws IOException {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    /** The UTF-8 text in gzip. */
    public static String gunzip(byte[] bytes) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Bytes from hex digits; blanks and line breaks do not count. */
    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    }

    /** The UTF-8 bytes of {@code text}, for a codec to read. */
    public static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
