package io.varve.repository.content;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something in the repository is missing or is not what was stored. Reading it again gives the
 * same; the rest of the repository may be sound.
 */
public final class DamageException extends IOException {

    private final Damage damage;

    private DamageException(Damage damage, @Nullable Throwable cause) {
        super(damage.toString(), cause);
        this.damage = damage;
    }

    /** Damage of a whole blob. */
    public static DamageException ofBlob(String blob, String problem, @Nullable Throwable cause) {
        return ofBlob(blob, 0, problem, cause);
    }

    /**
     * Damage of a part of a blob that is no content.
     *
     * @param offset where that part begins, in bytes
     */
    public static DamageException ofBlob(
            String blob, long offset, String problem, @Nullable Throwable cause) {
        return new DamageException(
                new Damage(Optional.of(blob), offset, Optional.empty(), problem), cause);
    }

    /** Damage of a content that lies nowhere. */
    public static DamageException ofContent(ContentId content, String problem) {
        return new DamageException(
                new Damage(Optional.empty(), 0, Optional.of(content.toString()), problem), null);
    }

    /** Damage of a manifest, wherever it lies. */
    public static DamageException ofManifest(String manifest, Throwable cause) {
        return ofManifest(manifest, String.valueOf(cause.getMessage()), cause);
    }

    /** Damage of a manifest that can be read, but says what cannot be. */
    public static DamageException ofManifest(String manifest, String problem) {
        return ofManifest(manifest, problem, null);
    }

    private static DamageException ofManifest(
            String manifest, String problem, @Nullable Throwable cause) {
        return new DamageException(
                new Damage(
                        Optional.empty(),
                        0,
                        Optional.empty(),
                        "manifest %s: %s".formatted(manifest, problem)),
                cause);
    }

    /** Damage of a content where {@code entry} says it lies. */
    public static DamageException at(IndexEntry entry, String problem, @Nullable Throwable cause) {
        return new DamageException(
                new Damage(
                        Optional.of(entry.pack()),
                        entry.packOffset(),
                        Optional.of(entry.id().toString()),
                        problem),
                cause);
    }

    /** The same damage, met in the search for {@code what}, which is found nowhere else. */
    public DamageException mayHide(String what) {
        return new DamageException(
                new Damage(
                        damage.blob(),
                        damage.blobOffset(),
                        damage.content(),
                        "%s; %s is found nowhere else and may lie there"
                                .formatted(damage.problem(), what)),
                this);
    }

    /** What is damaged, and where. */
    public Damage damage() {
        return damage;
    }

    /**
     * One damaged place.
     *
     * @param blob the blob that holds it; empty if no index says where it lies
     * @param blobOffset where the damaged part of that blob begins, in bytes; 0 if it is all of it,
     *     or if there is no blob
     * @param content the content's id; empty if a whole blob is damaged
     * @param problem what was found, and what was expected
     */
    public record Damage(
            Optional<String> blob, long blobOffset, Optional<String> content, String problem) {

        @Override
        public String toString() {
            String where = blob.map(name -> "blob " + name + ": ").orElse("");
            String place = blob.isPresent() ? " at byte " + blobOffset : "";
            String what = content.map(id -> "content " + id + place + ": ").orElse("");
            String part = content.isEmpty() && blobOffset > 0 ? place.substring(1) + ": " : "";
            return where + what + part + problem + hint();
        }

        /** Where the index or the blob config is damaged nothing can be verified any more. */
        private String hint() {
            return blob.isPresent() && content.isEmpty()
                    ? "; another copy of the storage may still hold it whole"
                    : "; 'varve verify run --read-data 100' tells which backups it touches";
        }
    }
}
