package io.varve.repository.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.varve.format.Bytes;
import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import java.nio.CharBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The format keys that this process derived last. Deriving one takes a quarter of a second and 64
 * MiB, by intention; a process that opens one repository again and again pays it once. Passwords
 * are not kept. Safe for many threads.
 */
public final class DerivedKeys {

    private static final int MOST = 16;

    private static final Map<Id, Bytes> KEYS =
            new LinkedHashMap<>(MOST, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Id, Bytes> eldest) {
                    return size() > MOST;
                }
            };

    private DerivedKeys() {}

    /**
     * @param digest SHA-256 of the unique id and the password
     */
    private record Id(KeyDerivation derivation, Bytes uniqueId, Bytes digest) {}

    /** As {@link FormatKeys#derive(KeyDerivation, char[], byte[])}; each caller gets its own. */
    public static byte[] derive(KeyDerivation derivation, char[] password, byte[] uniqueId)
            throws CorruptFormatException {
        Id id = new Id(derivation, Bytes.copyOf(uniqueId), digest(uniqueId, password));
        synchronized (KEYS) {
            Bytes known = KEYS.get(id);
            if (known != null) {
                return known.toArray();
            }
        }
        byte[] key = FormatKeys.derive(derivation, password, uniqueId);
        synchronized (KEYS) {
            KEYS.put(id, Bytes.copyOf(key));
        }
        return key;
    }

    private static Bytes digest(byte[] uniqueId, char[] password) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(uniqueId);
            sha256.update(UTF_8.encode(CharBuffer.wrap(password)));
            return Bytes.copyOf(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }
}
