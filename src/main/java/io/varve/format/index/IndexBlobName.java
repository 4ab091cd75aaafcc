package io.varve.format.index;

import io.varve.format.SessionId;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an index blob of a repository with epochs, taken apart.
 *
 * <pre>
 * xn&lt;epoch&gt;_&lt;hash&gt;-&lt;session&gt;-c&lt;n&gt;           one of n written together by a session
 * xs&lt;epoch&gt;_&lt;hash&gt;-&lt;set&gt;-c&lt;n&gt;               one of n that hold all of an epoch
 * xr&lt;first&gt;_&lt;last&gt;_&lt;hash&gt;-&lt;set&gt;-c&lt;n&gt;        one of n that hold all of several epochs
 * </pre>
 *
 * <p>The hash tells blobs of one set apart. An upgrade writes {@code xn0_<hash>-<set>-c1}, so the
 * set of an {@code xn} blob is not always a session.
 *
 * @param firstEpoch from 0; decimal in the name
 * @param lastEpoch included; the same as {@code firstEpoch} but for {@link Kind#RANGE}
 * @param set what all blobs of the set have in common; the whole name if it names no set
 * @param setSize how many blobs the set has; 1 if it names no set
 */
public record IndexBlobName(
        String name, Kind kind, int firstEpoch, int lastEpoch, String set, int setSize) {

    /** What an index blob covers. */
    public enum Kind {
        /** What one flush of a writer added to an epoch. */
        UNCOMPACTED,
        /** One whole epoch. */
        SINGLE_EPOCH,
        /** Several whole epochs. */
        RANGE
    }

    private static final Pattern GRAMMAR =
            Pattern.compile("x(?:([ns])(\\d{1,9})|r(\\d{1,9})_(\\d{1,9}))_[^-]*(-.*)?");

    private static final Pattern SET = Pattern.compile("-([^-]*)-c(\\d{1,9})");

    /** Takes a blob's name apart, if it is an index blob's. */
    public static Optional<IndexBlobName> parse(String name) {
        Matcher parts = GRAMMAR.matcher(name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        Matcher set = SET.matcher(parts.group(5) == null ? "" : parts.group(5));
        boolean hasSet = set.matches();
        boolean range = parts.group(1) == null;
        Kind kind = Kind.RANGE;
        if (!range) {
            kind = parts.group(1).equals("n") ? Kind.UNCOMPACTED : Kind.SINGLE_EPOCH;
        }
        int first = Integer.parseInt(parts.group(range ? 3 : 2));
        return Optional.of(
                new IndexBlobName(
                        name,
                        kind,
                        first,
                        range ? Integer.parseInt(parts.group(4)) : first,
                        hasSet ? set.group(1) : name,
                        hasSet ? Integer.parseInt(set.group(2)) : 1));
    }

    /**
     * The name of an index blob that a writer adds to {@code epoch}.
     *
     * @param hash of the blob's plain bytes
     * @param shards how many index blobs are written together
     */
    public static String uncompacted(int epoch, byte[] hash, SessionId session, int shards) {
        return prefix(epoch) + HexFormat.of().formatHex(hash) + "-" + suffix(session, shards);
    }

    /** What comes before the hash. */
    public static String prefix(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch is negative: " + epoch);
        }
        return "xn" + epoch + "_";
    }

    /** What comes after the hash and a dash. */
    public static String suffix(SessionId session, int shards) {
        if (shards < 1) {
            throw new IllegalArgumentException("an index of %d blobs".formatted(shards));
        }
        return session + "-c" + shards;
    }
}
