package io.varve.format.crypto;

import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.params.KeyParameter;

/**
 * PBKDF2 with HMAC-SHA256 (RFC 8018). A class of its own: whoever mentions a class of
 * BouncyCastle's has its archive's signature verified when it is linked, at each start.
 */
final class Pbkdf2 {

    private Pbkdf2() {}

    /**
     * A key of {@code length} bytes.
     *
     * @param password any bytes; the JDK's own takes characters only
     */
    static byte[] derive(byte[] password, byte[] salt, int iterations, int length) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA256Digest());
        generator.init(password, salt, iterations);
        return ((KeyParameter) generator.generateDerivedMacParameters(Byte.SIZE * length)).getKey();
    }
}
