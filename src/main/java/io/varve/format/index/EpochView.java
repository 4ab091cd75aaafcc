package io.varve.format.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which index blobs of a repository with epochs count, as of one listing. Immutable.
 *
 * <p>Writers add blobs to the write epoch. An epoch two or more behind it is settled: nobody writes
 * to it any more, so maintenance may replace its blobs by a set that holds the same, and the sets
 * of several epochs by one of their range. A set counts only when all of it is there; the blobs
 * that it replaces may be there still.
 */
public final class EpochView {

    private static final Pattern EPOCH_MARKER = Pattern.compile("xe(\\d{1,9})");
    private static final Pattern WATERMARK = Pattern.compile("xw(\\d{1,18})");

    /** An epoch is settled when it is this many behind the write epoch. */
    private static final int SETTLED_BEHIND = 2;

    private record Range(int first, int last) {
        private static final Comparator<Range> ORDER =
                Comparator.comparingInt(Range::first).thenComparingInt(Range::last);
    }

    private final int writeEpoch;
    private final long watermarkSeconds;
    private final Map<Integer, List<IndexBlobName>> uncompacted = new HashMap<>();
    private final Map<Integer, List<IndexBlobName>> singles = new HashMap<>();
    private final Map<Range, List<IndexBlobName>> ranges = new TreeMap<>(Range.ORDER);
    private final List<String> activeIndexBlobs;

    private EpochView(List<String> names) {
        this.writeEpoch = (int) greatest(EPOCH_MARKER, names);
        this.watermarkSeconds = greatest(WATERMARK, names);
        names.forEach(name -> IndexBlobName.parse(name).ifPresent(this::add));
        this.activeIndexBlobs = List.copyOf(active());
    }

    /**
     * The view that follows from the blobs of a repository.
     *
     * @param blobNames names of at least all blobs that begin with {@code x}, listed with those of
     *     {@code xe} first, so that no epoch is taken for settled too early; others are ignored
     */
    public static EpochView of(Collection<String> blobNames) {
        return new EpochView(
                blobNames.stream().filter(name -> name.startsWith("x")).sorted().toList());
    }

    /** The epoch that writers add to; 0 when no marker tells otherwise. */
    public int writeEpoch() {
        return writeEpoch;
    }

    /**
     * Tombstones of at latest this Unix time that win are as good as absent; 0 when there is no
     * watermark.
     */
    public long watermarkSeconds() {
        return watermarkSeconds;
    }

    /** The blobs that together hold every index entry, each once, in no order that matters. */
    public List<String> activeIndexBlobs() {
        return activeIndexBlobs;
    }

    private void add(IndexBlobName blob) {
        List<IndexBlobName> group =
                switch (blob.kind()) {
                    case UNCOMPACTED ->
                            uncompacted.computeIfAbsent(
                                    blob.firstEpoch(), epoch -> new ArrayList<>());
                    case SINGLE_EPOCH ->
                            singles.computeIfAbsent(blob.firstEpoch(), epoch -> new ArrayList<>());
                    case RANGE ->
                            ranges.computeIfAbsent(
                                    new Range(blob.firstEpoch(), blob.lastEpoch()),
                                    range -> new ArrayList<>());
                };
        group.add(blob);
    }

    private List<String> active() {
        List<IndexBlobName> active = new ArrayList<>();
        int start = 0;
        for (Range range : chain()) {
            active.addAll(completeSet(ranges.getOrDefault(range, List.of())));
            start = range.last() + 1;
        }
        SortedSet<Integer> epochs = new TreeSet<>(uncompacted.keySet());
        epochs.addAll(singles.keySet());
        for (int epoch : epochs.tailSet(start)) {
            active.addAll(activeIn(epoch));
        }
        return active.stream().map(IndexBlobName::name).toList();
    }

    /** The epoch after the write epoch counts too: another writer may just have advanced. */
    private List<IndexBlobName> activeIn(int epoch) {
        if (epoch > writeEpoch + 1) {
            return List.of();
        }
        if (epoch <= writeEpoch - SETTLED_BEHIND) {
            List<IndexBlobName> set = completeSet(singles.getOrDefault(epoch, List.of()));
            if (!set.isEmpty()) {
                return set;
            }
        }
        return uncompacted.getOrDefault(epoch, List.of());
    }

    /**
     * The complete ranges that follow one another from epoch 0 to the highest epoch that can be
     * reached so; of several such chains one with the fewest links.
     */
    private List<Range> chain() {
        List<Range> complete =
                ranges.keySet().stream()
                        .filter(range -> range.first() <= range.last())
                        .filter(
                                range ->
                                        !completeSet(ranges.getOrDefault(range, List.of()))
                                                .isEmpty())
                        .toList();
        TreeMap<Integer, List<Range>> chainTo = new TreeMap<>(Map.of(-1, List.of()));
        Queue<Integer> ends = new ArrayDeque<>(List.of(-1));
        // Breadth first: the first chain to reach an epoch is one of the shortest.
        for (Integer end = ends.poll(); end != null; end = ends.poll()) {
            for (Range range : complete) {
                if (range.first() == end + 1 && !chainTo.containsKey(range.last())) {
                    List<Range> chain = new ArrayList<>(chainTo.getOrDefault(end, List.of()));
                    chain.add(range);
                    chainTo.put(range.last(), chain);
                    ends.add(range.last());
                }
            }
        }
        return chainTo.lastEntry().getValue();
    }

    /** The set whose last member comes first of all, or nothing if no set is whole. */
    private static List<IndexBlobName> completeSet(List<IndexBlobName> blobs) {
        Map<String, List<IndexBlobName>> sets = new HashMap<>();
        for (IndexBlobName blob : blobs) {
            List<IndexBlobName> set = sets.computeIfAbsent(blob.set(), key -> new ArrayList<>());
            set.add(blob);
            if (set.size() == blob.setSize()) {
                return set;
            }
        }
        return List.of();
    }

    private static long greatest(Pattern pattern, List<String> names) {
        long greatest = 0;
        for (String name : names) {
            Matcher matcher = pattern.matcher(name);
            if (matcher.matches()) {
                greatest = Math.max(greatest, Long.parseLong(matcher.group(1)));
            }
        }
        return greatest;
    }
}
