package io.varve.format.crypto;

import io.varve.format.UnsupportedFormatException;

/** How a password becomes the key of the format blob. */
public enum KeyDerivation {
    /** Takes 64 MiB of memory. */
    SCRYPT_65536_8_1("scrypt-65536-8-1"),
    PBKDF2_SHA256_600000("pbkdf2-sha256-600000");

    private final String formatName;

    KeyDerivation(String formatName) {
        this.formatName = formatName;
    }

    /** The function that a format blob calls {@code formatName} in its {@code keyAlgo}. */
    public static KeyDerivation named(String formatName) throws UnsupportedFormatException {
        for (KeyDerivation derivation : values()) {
            if (derivation.formatName.equals(formatName)) {
                return derivation;
            }
        }
        throw new UnsupportedFormatException(
                "blob kopia.repository: key derivation '%s' is not known; known are %s and %s"
                        .formatted(
                                formatName,
                                SCRYPT_65536_8_1.formatName,
                                PBKDF2_SHA256_600000.formatName));
    }

    /** The name in a format blob. */
    public String formatName() {
        return formatName;
    }
}
