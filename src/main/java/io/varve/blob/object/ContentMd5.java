package io.varve.blob.object;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The header Content-MD5: it finds what was broken on the way, and is no protection. */
public final class ContentMd5 {

    private ContentMd5() {}

    /** Of the remaining bytes, which stay so. */
    public static String of(ByteBuffer content) {
        return Base64.getEncoder().encodeToString(bytes(content));
    }

    /** The same, not yet as text. */
    public static byte[] bytes(ByteBuffer content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(content.duplicate());
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has MD5", e);
        }
    }
}
