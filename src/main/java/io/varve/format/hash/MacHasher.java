package io.varve.format.hash;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC from the JDK, cut to the length asked for. */
final class MacHasher implements ContentHasher {

    private final Mac mac;
    private final int hashBytes;

    /**
     * @param algorithm one that every JDK 25 has
     */
    MacHasher(String algorithm, byte[] secret, int hashBytes) {
        try {
            mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret, algorithm));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + algorithm, e);
        }
        this.hashBytes = hashBytes;
    }

    @Override
    public byte[] hash(ByteBuffer content) {
        mac.update(content.duplicate());
        return Arrays.copyOf(mac.doFinal(), hashBytes);
    }
}
