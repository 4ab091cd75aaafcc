package io.varve.blob;

/**
 * The name of a blob: printable ASCII without {@code /}. It neither starts with a dot nor holds two
 * dots in a row, so no part of it can name a folder outside of the storage or one of the storage's
 * own hidden files. Ordered by its bytes.
 */
public record BlobId(String value) implements Comparable<BlobId> {

    public BlobId {
        String problem = problem(value);
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException("blob id '%s' %s".formatted(value, problem));
        }
    }

    /** Whether {@code value} can name a blob: a foreign file in a storage need not. */
    public static boolean isValid(String value) {
        return problem(value).isEmpty();
    }

    private static String problem(String value) {
        if (value.isEmpty()) {
            return "is empty";
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < 0x20 || c > 0x7e || c == '/') {
                return "holds character U+%04X at index %d; allowed is printable ASCII without '/'"
                        .formatted((int) c, i);
            }
        }
        if (value.startsWith(".") || value.contains("..")) {
            return "starts with a dot or holds two dots in a row";
        }
        return "";
    }

    @Override
    public int compareTo(BlobId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
