package io.varve.format.pack;

/**
 * The random bytes around a pack's contents, as kopia puts them. Readers do not need them: a
 * content lies where an index says.
 *
 * <pre>
 * format replica   only where {@code RepositoryFormat.packsCarryReplica()}
 * preamble         {@value #PREAMBLE_BYTES} random bytes
 * contents         back to back
 * padding          {@link #paddingAfter} random bytes
 * local index      encrypted; plain, it ends in {@value #INDEX_SALT_BYTES} random bytes
 * postamble
 * </pre>
 */
public final class PackLayout {

    /** Random bytes before the first content. */
    public static final int PREAMBLE_BYTES = 32;

    /** Random bytes behind the table of a local index, so that its hash is like no other. */
    public static final int INDEX_SALT_BYTES = 32;

    private static final int ALIGNMENT = 4096;

    private PackLayout() {}

    /**
     * Random bytes after the last content: 1 to 4096, so that a blob of {@code bytes} becomes a
     * multiple of 4096. One that is a multiple already gets 4096 more.
     */
    public static int paddingAfter(long bytes) {
        return (int) (ALIGNMENT - bytes % ALIGNMENT);
    }
}
