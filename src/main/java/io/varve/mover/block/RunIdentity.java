package io.varve.mover.block;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/**
 * One run, the same across its restarts.
 *
 * @param startTime the point in time that the backup shows
 */
public record RunIdentity(String runId, String volume, Instant startTime) {

    /**
     * Id of the backup that this run publishes. It follows from the run alone, so that a relaunch
     * finds what it published before it died, also without a database.
     */
    public String backupId(String repositoryId) {
        return id("backup", repositoryId);
    }

    /** Id of the manifest that keeps this run's contents alive until it is published. */
    public String checkpointId(String repositoryId) {
        return id("checkpoint", repositoryId);
    }

    /** The volume's file in the backup: the last part of its name. */
    String fileName() {
        return volume.substring(volume.lastIndexOf('/') + 1);
    }

    private String id(String kind, String repositoryId) {
        String name = String.join("\n", "varve", kind, repositoryId, volume, runId);
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
