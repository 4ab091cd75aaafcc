package io.varve.blob.filesystem;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.varve.blob.BlobId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * In which folder a blob's file lies: the content of {@code .shards}.
 *
 * @param shards how many characters of the id name the first folder, the second, …
 * @param maxNonShardedLength ids up to this many characters lie at the root
 * @param overrides the first whose prefix matches decides instead of {@code shards}
 */
record ShardLayout(
        @JsonProperty("default") List<Integer> shards,
        @JsonProperty("maxNonShardedLength") int maxNonShardedLength,
        @JsonProperty("overrides") @JsonInclude(JsonInclude.Include.NON_EMPTY)
                List<PrefixRule> overrides) {

    static final String FILE_NAME = ".shards";

    /** Of a blob's file. Files without it are not blobs. */
    static final String SUFFIX = ".f";

    /** What {@code kopia repository create} writes. */
    static final ShardLayout OF_NEW_STORAGE = new ShardLayout(List.of(1, 3), 20, List.of());

    /** What Kopia takes for granted where there is no {@code .shards}. */
    static final ShardLayout WITHOUT_FILE = new ShardLayout(List.of(3, 3), 20, List.of());

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .build();

    record PrefixRule(String prefix, List<Integer> shards) {
        PrefixRule(@Nullable String prefix, @Nullable List<Integer> shards) {
            this.prefix = prefix == null ? "" : prefix;
            this.shards = checked(shards);
        }
    }

    ShardLayout(
            @Nullable List<Integer> shards,
            int maxNonShardedLength,
            @Nullable List<PrefixRule> overrides) {
        this.shards = checked(shards);
        this.maxNonShardedLength = maxNonShardedLength;
        this.overrides = overrides == null ? List.of() : List.copyOf(overrides);
    }

    private static List<Integer> checked(@Nullable List<Integer> shards) {
        List<Integer> lengths = shards == null ? List.of() : shards;
        for (@Nullable Integer length : lengths) {
            if (length == null || length <= 0) {
                throw new IllegalArgumentException(
                        "shard length %s in %s".formatted(length, shards));
            }
        }
        return List.copyOf(lengths);
    }

    /**
     * @throws IllegalArgumentException if {@code json} is not a shard layout
     */
    static ShardLayout parse(byte[] json) {
        try {
            return JSON.readValue(json, ShardLayout.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(e.getOriginalMessage(), e);
        }
    }

    /** With a final newline, as Kopia writes it. */
    byte[] toJson() {
        return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The file of a blob below {@code root}.
     *
     * @throws IllegalArgumentException if a folder would be called {@code .}; no id of Kopia's does
     *     that
     */
    Path file(Path root, BlobId id) {
        Path folder = root;
        String rest = id.value();
        if (rest.length() > maxNonShardedLength) {
            for (int length : shardsOf(id)) {
                if (rest.length() <= length) {
                    break;
                }
                String name = rest.substring(0, length);
                // ".." cannot be: a BlobId does not hold it.
                if (name.equals(".")) {
                    throw new IllegalArgumentException(
                            "blob id '%s' gives a folder '.' with shards %s"
                                    .formatted(id, shardsOf(id)));
                }
                folder = folder.resolve(name);
                rest = rest.substring(length);
            }
        }
        return folder.resolve(rest + SUFFIX);
    }

    private List<Integer> shardsOf(BlobId id) {
        for (PrefixRule rule : overrides) {
            if (id.value().startsWith(rule.prefix())) {
                return rule.shards();
            }
        }
        return shards;
    }
}
