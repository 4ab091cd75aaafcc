package io.varve.repository.content;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.varve.format.Bytes;
import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The format keys that this process derived last. Deriving one takes a quarter of a second and 64
 * MiB, by intention; a process that opens one repository again and again, as the demo and most
 * tests do, pays it once. Passwords are not kept. Safe for many threads.
 */
public final class DerivedKeys {

    private static final int MOST = 16;

    private static final Map<Bytes, Bytes> KEYS =
            new LinkedHashMap<>(MOST, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Bytes, Bytes> eldest) {
                    return size() > MOST;
                }
            };

    private DerivedKeys() {}

    /** As {@link FormatKeys#derive(KeyDerivation, char[], byte[])}; each caller gets its own. */
    public static byte[] derive(KeyDerivation derivation, char[] password, byte[] uniqueId)
            throws CorruptFormatException {
        byte[] utf8 = new String(password).getBytes(UTF_8);
        // A key of all that the result depends on.
        Bytes id =
                Bytes.copyOf(
                        FormatKeys.deriveKey(
                                utf8, uniqueId, derivation.formatName(), FormatKeys.KEY_BYTES));
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
}
