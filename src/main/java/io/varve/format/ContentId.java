package io.varve.format;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name of a content: the hash of its plain bytes, behind an optional prefix letter that tells
 * what it holds. The same bytes under another prefix are another content.
 *
 * <p>As text it is {@code [g-z] hex(hash)}, lower case: of odd length exactly if it has a prefix.
 * As an index key it is one byte, the prefix in ASCII or 0, and the hash. Ids are ordered as their
 * keys are, by unsigned bytes. Immutable.
 */
public final class ContentId implements Comparable<ContentId> {

    /** {@link #prefix()} of a content that has none: data of files and volumes. */
    public static final char NO_PREFIX = 0;

    /** The longest hash in bytes. The format's own functions give at most 32. */
    private static final int MAX_HASH_BYTES = 64;

    private static final HexFormat HEX = HexFormat.of();

    /**
     * A table and no comparisons: the digits of hashes are random, so branches are mispredicted.
     */
    private static final byte[] HEX_DIGITS = hexDigits();

    private final byte[] key;

    private ContentId(byte[] key) {
        this.key = key;
    }

    /**
     * An id from its parts.
     *
     * @param prefix {@link #NO_PREFIX} or a letter from g to z
     * @param hash 1 to 64 bytes; copied
     */
    public static ContentId of(char prefix, byte[] hash) {
        if (!isPrefix(prefix)) {
            throw new IllegalArgumentException(
                    "content prefix is neither absent nor g to z: character " + (int) prefix);
        }
        if (!isHashLength(hash.length)) {
            throw new IllegalArgumentException(
                    "content hash has %d bytes, not 1 to %d"
                            .formatted(hash.length, MAX_HASH_BYTES));
        }
        byte[] key = new byte[1 + hash.length];
        key[0] = (byte) prefix;
        System.arraycopy(hash, 0, key, 1, hash.length);
        return new ContentId(key);
    }

    /** Reads the form that {@link #keyBytes()} gives, as indexes hold it. Copies {@code key}. */
    public static ContentId ofKey(byte[] key) throws CorruptFormatException {
        if (!isHashLength(key.length - 1)) {
            throw new CorruptFormatException(
                    "content key",
                    0,
                    "%d bytes, not 2 to %d".formatted(key.length, 1 + MAX_HASH_BYTES));
        }
        if (!isPrefix((char) (key[0] & 0xff))) {
            throw new CorruptFormatException(
                    "content key", 0, "prefix byte 0x%02x, not 0 or g to z".formatted(key[0]));
        }
        return new ContentId(key.clone());
    }

    /** Reads the form that {@link #toString()} gives. */
    public static ContentId parse(String text) throws CorruptFormatException {
        int prefixLength = text.length() & 1;
        int hashLength = text.length() / 2;
        if (!isHashLength(hashLength)) {
            throw new CorruptFormatException(
                    "content id '%s'".formatted(text),
                    0,
                    "%d characters, not 2 to %d".formatted(text.length(), 1 + 2 * MAX_HASH_BYTES));
        }
        byte[] key = new byte[1 + hashLength];
        if (prefixLength == 1) {
            char prefix = text.charAt(0);
            if (prefix == NO_PREFIX || !isPrefix(prefix)) {
                throw new CorruptFormatException(
                        "content id '%s'".formatted(text), 0, "prefix is not a letter g to z");
            }
            key[0] = (byte) prefix;
        }
        for (int at = 1, i = prefixLength; at < key.length; at++, i += 2) {
            int value = hexDigit(text.charAt(i)) << 4 | hexDigit(text.charAt(i + 1));
            if (value < 0) {
                throw new CorruptFormatException(
                        "content id '%s'".formatted(text),
                        hexDigit(text.charAt(i)) < 0 ? i : i + 1,
                        "not a lower-case hex digit");
            }
            key[at] = (byte) value;
        }
        return new ContentId(key);
    }

    /** The prefix letter, or {@link #NO_PREFIX}. */
    public char prefix() {
        return (char) key[0];
    }

    /** Whether it has a prefix letter: such contents live in packs of their own. */
    public boolean hasPrefix() {
        return key[0] != NO_PREFIX;
    }

    /** A copy of the hash. */
    public byte[] hash() {
        return Arrays.copyOfRange(key, 1, key.length);
    }

    /** A copy of the index key: prefix byte (0 for none), then the hash. */
    public byte[] keyBytes() {
        return key.clone();
    }

    @Override
    public int compareTo(ContentId other) {
        return Arrays.compareUnsigned(key, other.key);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContentId id && Arrays.equals(key, id.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
        String hash = HEX.formatHex(key, 1, key.length);
        return hasPrefix() ? prefix() + hash : hash;
    }

    private static boolean isPrefix(char prefix) {
        return prefix == NO_PREFIX || (prefix >= 'g' && prefix <= 'z');
    }

    private static boolean isHashLength(int bytes) {
        return bytes >= 1 && bytes <= MAX_HASH_BYTES;
    }

    /** Value of a lower-case hex digit, or -1: another spelling would be another object id. */
    private static int hexDigit(char c) {
        return c < HEX_DIGITS.length ? HEX_DIGITS[c] : -1;
    }

    private static byte[] hexDigits() {
        byte[] values = new byte['f' + 1];
        Arrays.fill(values, (byte) -1);
        for (int digit = 0; digit < 16; digit++) {
            values[Character.forDigit(digit, 16)] = (byte) digit;
        }
        return values;
    }
}
