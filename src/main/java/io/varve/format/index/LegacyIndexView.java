package io.varve.format.index;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which index blobs of a repository without epochs count, as of one listing: all but those that a
 * compaction replaced. A compaction counts only when all of its outputs are there.
 *
 * @param activeIndexBlobs the blobs that together hold every index entry, sorted
 */
public record LegacyIndexView(List<String> activeIndexBlobs) {

    /** Prefix of index blobs' names. */
    public static final String INDEX_PREFIX = "n";

    /** Prefix of compaction logs' names. */
    public static final String LOG_PREFIX = "m";

    /** Plain text that an upgrade to epochs leaves, so that programs without epochs stop. */
    static final String POISON =
            "n00000000000000000000000000000000"
                    + "-repository_unreadable_by_this_kopia_version_upgrade_required";

    public LegacyIndexView {
        activeIndexBlobs = List.copyOf(activeIndexBlobs);
    }

    /**
     * The view that follows from the blobs of a repository.
     *
     * @param blobNames names of at least all blobs that begin with {@value #INDEX_PREFIX}; others
     *     are ignored
     * @param logs all compaction logs
     */
    public static LegacyIndexView of(Collection<String> blobNames, Collection<CompactionLog> logs) {
        Set<String> present = new HashSet<>();
        for (String name : blobNames) {
            if (name.startsWith(INDEX_PREFIX) && !name.equals(POISON)) {
                present.add(name);
            }
        }
        Set<String> replaced = new HashSet<>();
        for (CompactionLog log : logs) {
            if (log.outputs().stream().allMatch(output -> present.contains(output.name()))) {
                log.inputs().forEach(input -> replaced.add(input.name()));
            }
        }
        return new LegacyIndexView(
                present.stream().filter(name -> !replaced.contains(name)).sorted().toList());
    }
}
