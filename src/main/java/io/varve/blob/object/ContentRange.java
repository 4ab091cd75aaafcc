package io.varve.blob.object;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which bytes of an object an answer holds: the header {@code Content-Range} (RFC 9110, 14.4).
 *
 * @param first byte of the object
 * @param last byte, which belongs to it
 */
public record ContentRange(long first, long last) {

    private static final Pattern FORM = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/.*");

    /** Of no answer that can be used. */
    private static final ContentRange NONE = new ContentRange(-1, -1);

    /**
     * @param header as it came; null where there is none
     */
    static ContentRange parse(@Nullable String header) {
        Matcher parts = FORM.matcher(header == null ? "" : header);
        return parts.matches()
                ? new ContentRange(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)))
                : NONE;
    }

    /** In bytes. */
    public long length() {
        return last - first + 1;
    }
}
