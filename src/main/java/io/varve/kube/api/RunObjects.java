package io.varve.kube.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Whose objects: one volume in one run into one repository. Every name follows from it, and every
 * object bears it, in full in its annotations.
 *
 * @param run 1 to 64 characters, usually a UUID; many volumes may share it
 * @param definition name of the job definition; empty for a run without one
 * @param volumeUid UID of the claim that is backed up
 * @param repository unique id of the repository
 */
public record RunObjects(String run, String definition, String volumeUid, String repository) {

    /** Twenty characters are eighty bits: enough against chance, and short enough for any name. */
    private static final int KEY_DIGITS = 20;

    private static final Pattern NAME = Pattern.compile("varve-[0-9a-f]{%d}".formatted(KEY_DIGITS));

    public RunObjects {
        if (run.isEmpty() || run.length() > 64) {
            throw new IllegalArgumentException("run is not 1 to 64 characters long: " + run);
        }
    }

    /**
     * What all names share: twenty hexadecimal digits of a digest over run, volume and repository.
     */
    public String key() {
        return digest(run + '\0' + volumeUid + '\0' + repository);
    }

    /** Name of the VolumeSnapshot, its content and the temporary claim in Varve's namespace. */
    public String name() {
        return "varve-" + key();
    }

    /** Whether some run's {@link #name} is this. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether an object of this name may be of these; a copy of one has another name. */
    public boolean isNamed(String name) {
        return name.contains(key());
    }

    /** Name of the VolumeSnapshot in the claim's own namespace, which may be Varve's as well. */
    public String sourceSnapshot() {
        return name() + "-source";
    }

    public String journal() {
        return name() + "-journal";
    }

    /** Not the one above: a snapshot that is being taken would not understand it. */
    public String restoreJournal() {
        return name() + "-restore";
    }

    /** Name of the second PersistentVolume of a restore; with the first one's volume. */
    public String volume() {
        return name() + "-volume";
    }

    /** Name of the copy of a Secret or ConfigMap; digested, as names may be long. */
    public String copy(String original) {
        return "%s-copy-%s".formatted(name(), digest(original));
    }

    /** Name of the ConfigMap that lists the copies of Secrets. */
    public String copies() {
        return name() + "-copies";
    }

    /**
     * @param attempt 1 and up; each has a Job of its own
     */
    public String mover(long attempt) {
        return "varve-mover-%s-%d".formatted(key(), attempt);
    }

    /** As errors name it. */
    @Override
    public String toString() {
        return "run %s of volume %s".formatted(run, volumeUid);
    }

    /** A name's part for things that belong to no run: from two texts, which a NUL keeps apart. */
    public static String key(String first, String second) {
        return digest(first + '\0' + second);
    }

    static String digest(String text) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, KEY_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
