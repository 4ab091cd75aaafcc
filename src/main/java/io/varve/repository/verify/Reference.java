package io.varve.repository.verify;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.content.DamageException;

/**
 * A content that a backup needs.
 *
 * @param offset in the file or volume, in bytes
 * @param length of the bytes there that need it
 */
record Reference(ContentId content, long offset, long length, Use use) {

    /**
     * Checks that what the index says of the content is what the backup needs.
     *
     * @throws DamageException if not
     */
    void checkFits(IndexEntry entry) throws DamageException {
        if (use == Use.DATA && entry.originalLength() != length) {
            throw DamageException.at(
                    entry,
                    "it has %d bytes, the backup needs %d"
                            .formatted(entry.originalLength(), length),
                    null);
        }
        if (entry.deleted()) {
            throw DamageException.at(
                    entry, "it is marked deleted, maintenance may remove it", null);
        }
    }

    /** What the content is to the backup. */
    enum Use {
        /** Data: the content is {@code length} bytes long. */
        DATA,
        /** Data of a length that is not told, or that is compressed in the content. */
        DATA_OF_OTHER_LENGTH,
        /** A part of a directory or of a list of chunks; it could be read. */
        DESCRIPTION
    }
}
