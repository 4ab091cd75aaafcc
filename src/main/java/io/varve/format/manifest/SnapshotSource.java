package io.varve.format.manifest;

/** What a snapshot is of: all three are needed, and retention counts per source. */
public record SnapshotSource(String host, String userName, String path) {

    @Override
    public String toString() {
        return "%s@%s:%s".formatted(userName, host, path);
    }
}
